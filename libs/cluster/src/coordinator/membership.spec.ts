import { describe, expect, it } from 'vitest';
import { Membership } from './membership.js';
import type { Admission, Member } from './membership.js';

const applicant = {
  workerId: 'w',
  numerics: 'n',
  backend: 'wasm',
  nowMs: 0,
  incarnation: undefined,
};

function admitted(
  admission: Admission,
): Extract<Admission, { member: Member }> {
  if (admission.outcome !== 'admitted') throw new Error(admission.outcome);
  return admission;
}

describe('Membership', () => {
  it('numbers the lives of one worker from 1', () => {
    const members = new Membership();
    const first = admitted(members.admit({ ...applicant, connection: 1 }));
    expect(first.member.incarnation).toBe(1);
    const second = admitted(members.admit({ ...applicant, connection: 2 }));
    expect(second.member.incarnation).toBe(2);
    expect(second.replaced).toBe(1);
    expect(members.byConnection(1)).toBeUndefined();
    expect(members.byConnection(2)).toBe(second.member);
  });

  it('takes the same incarnation back after a lost connection', () => {
    const members = new Membership();
    const { member } = admitted(members.admit({ ...applicant, connection: 1 }));
    members.disconnect(member, 'lost');
    const back = admitted(
      members.admit({ ...applicant, connection: 2, incarnation: 1 }),
    );
    expect(back.returned).toBe(true);
    expect(back.member.incarnation).toBe(1);
    expect(back.replaced).toBeUndefined();
  });

  it('replaces a connection that it still took for open', () => {
    const members = new Membership();
    members.admit({ ...applicant, connection: 1 });
    const back = admitted(
      members.admit({ ...applicant, connection: 2, incarnation: 1 }),
    );
    expect(back).toMatchObject({ returned: true, replaced: 1 });
  });

  it('refuses an older life than the one it knows', () => {
    const members = new Membership();
    members.admit({ ...applicant, connection: 1 });
    members.admit({ ...applicant, connection: 2 });
    const old = members.admit({ ...applicant, connection: 3, incarnation: 1 });
    expect(old).toEqual({ outcome: 'outlived' });
  });

  it('takes an unknown worker with the incarnation it brings', () => {
    const members = new Membership();
    const known = admitted(
      members.admit({ ...applicant, connection: 1, incarnation: 5 }),
    );
    expect(known).toMatchObject({
      returned: false,
      member: { incarnation: 5 },
    });
  });

  it('keeps a quarantined worker out, whatever its life', () => {
    const members = new Membership();
    const { member } = admitted(members.admit({ ...applicant, connection: 1 }));
    member.quarantined = true;
    members.disconnect(member, 'gone');
    expect(members.admit({ ...applicant, connection: 2 })).toEqual({
      outcome: 'quarantined',
    });
  });

  it('forgets the oldest absent workers, never present ones', () => {
    const members = new Membership();
    admitted(members.admit({ ...applicant, workerId: 'stays', connection: 0 }));
    for (let i = 1; i <= 5000; i++) {
      const workerId = `w${i}`;
      const { member } = admitted(
        members.admit({ ...applicant, workerId, connection: i }),
      );
      members.disconnect(member, 'gone');
    }
    const { gone, joined } = members.counts();
    expect(gone + joined).toBeLessThanOrEqual(4097);
    expect(members.byConnection(0)?.workerId).toBe('stays');
  });

  it('keeps over lives where a worker began, over connections its refusals', () => {
    const members = new Membership();
    const admit = (connection: number, incarnation?: number) => {
      const life = { ...applicant, connection, incarnation };
      return admitted(members.admit(life)).member;
    };
    const first = admit(1);
    first.lastFirst = 4;
    first.refusals = 2;
    // a cut connection does not make a broken machine a good one
    expect(admit(2, 1)).toMatchObject({ lastFirst: 4, refusals: 2 });
    // a new process begins with a clean record, and the same leaves
    expect(admit(3)).toMatchObject({ lastFirst: 4, refusals: 0 });
  });

  it('has a worker subscribe again on each connection', () => {
    const members = new Membership();
    const { member } = admitted(members.admit({ ...applicant, connection: 1 }));
    member.subscribed = true;
    member.state = 'active';
    members.disconnect(member, 'lost');
    const life = { ...applicant, connection: 2, incarnation: 1 };
    expect(admitted(members.admit(life)).member).toMatchObject({
      ...{ subscribed: false, state: 'joined' },
    });
  });

  it('lists members by state, in the order of their first join', () => {
    const members = new Membership();
    const admit = (workerId: string, connection: number) =>
      admitted(members.admit({ ...applicant, workerId, connection })).member;
    const [a, b] = [admit('a', 1), admit('b', 2), admit('c', 3)];
    admit('a', 4).state = 'active';
    b.state = 'active';
    members.disconnect(a, 'gone');
    const names = (...states: Member['state'][]) =>
      members.inState(...states).map(({ workerId }) => workerId);
    expect(names('active')).toEqual(['a', 'b']);
    expect(names('joined', 'active')).toEqual(['a', 'b', 'c']);
    expect(members.counts()).toEqual({
      ...{ joined: 1, active: 2, suspended: 0, lost: 0, gone: 0 },
    });
  });
});
