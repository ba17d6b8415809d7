/**
 * The files of `deploy/prometheus` in a hurry: the same expressions, asked
 * every second, with a second of patience where they have a minute.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { parse, stringify } from 'yaml';

const FOLDER = new URL('../../deploy/prometheus/', import.meta.url);

/** One rule of a file: an alert, or a recording. */
export interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
}

interface RuleFile {
  readonly groups: readonly {
    readonly name: string;
    readonly interval?: string;
    readonly rules: readonly Rule[];
  }[];
}

interface Authorized {
  readonly authorization: object;
}

interface Configuration {
  readonly scrape_configs: readonly (Authorized & {
    readonly http_sd_configs: readonly Authorized[];
  })[];
}

/** Every rule as it is deployed. */
export function deployedRules(): Rule[] {
  return ruleFiles().flatMap(({ content }) =>
    content.groups.flatMap(({ rules }) => rules),
  );
}

/** Names and texts of the rule files, hurried. */
export function hurriedRules(): { name: string; text: string }[] {
  return ruleFiles().map(({ name, content }) => {
    const groups = content.groups.map((group) => ({
      ...group,
      interval: '1s',
      rules: group.rules.map((rule) => ({
        ...rule,
        ...(rule.for !== undefined && { for: hurried(rule.for) }),
      })),
    }));
    return { name, text: stringify({ groups }) };
  });
}

/**
 * `with-token.yml`, hurried, for a coordinator at this address.
 * @param credentials file with the token, relative to the configuration's.
 */
export function hurriedConfiguration(
  metricsUrl: string,
  credentials: string,
): string {
  const text = readFileSync(new URL('with-token.yml', FOLDER), 'utf8');
  const deployed = parse(text) as Configuration;
  const shown = ({ authorization }: Authorized) => ({
    authorization: { ...authorization, credentials_file: credentials },
  });
  return stringify({
    ...deployed,
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    scrape_configs: deployed.scrape_configs.map((scrape) => ({
      ...scrape,
      ...shown(scrape),
      http_sd_configs: scrape.http_sd_configs.map((sd) => ({
        ...sd,
        ...{ url: `${metricsUrl}/sd`, refresh_interval: '1s', ...shown(sd) },
      })),
    })),
  });
}

function ruleFiles(): { name: string; content: RuleFile }[] {
  const folder = new URL('rules/', FOLDER);
  return readdirSync(folder).map((name) => {
    const text = readFileSync(new URL(name, folder), 'utf8');
    return { name, content: parse(text) as RuleFile };
  });
}

/** Seconds for minutes. */
function hurried(patience: string): string {
  const minutes = /^(\d+)m$/.exec(patience)?.[1];
  if (minutes === undefined) throw new Error(`'for: ${patience}' in minutes`);
  return `${minutes}s`;
}
