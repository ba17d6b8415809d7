import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeHtml, markup } from './markup.js';

describe('markup', () => {
  it('escapes what is put in, and not what it made itself', () => {
    const name = `<img src=x onerror="alert('1')">`;
    const cell = markup`<td>${name}</td>`;
    expect(markup`<tr title="${name}">${cell}</tr>`.text).toBe(
      '<tr title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;">' +
        '<td>&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;</td></tr>',
    );
  });

  it('leaves out what is not there, and puts lists on lines', () => {
    const items = [markup`<li>${1}</li>`, markup`<li>${2}</li>`];
    expect(markup`<ul class="a${undefined}">${items}</ul>`.text).toBe(
      '<ul class="a"><li>1</li>\n<li>2</li></ul>',
    );
  });

  it('lets no text open a tag, leave an attribute or hold a control', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const escaped = escapeHtml(text);
        expect(escaped).not.toMatch(/[<>"']/);
        expect(escaped).not.toMatch(/&(?!(amp|lt|gt|quot|#39);)/);
        expect(escaped).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/);
      }),
    );
  });
});
