"""shazhou: an invented site whose pages are all one empty frame; a script draws them from data at hashed addresses."""

from __future__ import annotations

import json
from collections.abc import Sequence

from benchmarks.invented.edition import edition, lines, pages_of, truth_of
from benchmarks.invented.prose import Story
from benchmarks.invented.site import Page, Site, html_page, text_page

HOST = "www.shazhou-app.example"
HOUSE = "沙洲新闻"
COUNT, STEP = 5, 3
SCRIPT = """
function place(path) {
  let sum = 2166136261;
  for (const letter of path) sum = Math.imul(sum ^ letter.charCodeAt(0), 16777619) >>> 0;
  return '/d/' + sum.toString(16) + '.bin';
}
function fill(parent, tag, text, name) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (name) made.className = name;
  parent.appendChild(made);
  return made;
}
function drawList(root, page) {
  const list = fill(root, 'ul', '', 'news');
  for (const row of page.rows) {
    const item = fill(list, 'li', '');
    fill(item, 'a', row.title).href = row.url;
    fill(item, 'span', row.time);
  }
  if (page.next) fill(root, 'a', '下一页').href = page.next;
}
function drawArticle(root, page) {
  document.title = page.title + ' - 沙洲新闻';
  const article = fill(root, 'article', '');
  fill(article, 'h1', page.title);
  fill(article, 'div', page.time + ' 来源：' + page.source + ' 责任编辑：' + page.editor, 'info');
  const body = fill(article, 'div', '', 'body');
  for (const line of page.lines) fill(body, 'p', line);
  const picture = fill(body, 'img', '');
  picture.onerror = () => { picture.src = '/img/broken.png'; };
  picture.src = '/img/' + page.number + '.jpg';
}
addEventListener('DOMContentLoaded', async () => {
  const root = document.getElementById('app');
  const answer = await fetch(place(location.pathname));
  const page = await answer.json();
  root.textContent = '';
  (page.rows ? drawList : drawArticle)(root, page);
});
"""
FRAME = (
    '<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>沙洲新闻</title>'
    '<meta name="description" content="沙洲新闻，沙洲本地的新闻、服务与生活资讯，每天更新。">'
    '<link rel="stylesheet" href="/css/app.css"><link rel="icon" href="/favicon.ico">{head}</head>'
    '<body><div id="app"><div class="spinner">加载中…</div></div><script src="/js/app.js"></script>{more}'
    "<footer>版权所有 沙洲新闻 京ICP备00000000号</footer></body></html>"
)


def frame(head: str = "", more: str = "") -> Page:
    """Return the frame that every address answers with, with further scripts in its head or at its end."""
    return html_page(FRAME.format(head=head, more=more))


def drawn_from(url: str) -> Page:
    """Return a frame without the site's script that draws its article from the data at `url`."""
    script = f"fetch('{url}').then((answer) => answer.json()).then((page) => {{"
    script += (
        "document.body.innerHTML = `<h1>${page.title}</h1><p>${page.time}</p><p>${page.lines.join('</p><p>')}</p>`"
    )
    return html_page(f"<html><body><div id='app'></div><script>{script} }});</script></body></html>")


def place(path: str) -> str:
    """Return where the script finds the data of `path`."""
    total = 2166136261
    for letter in path:
        total = ((total ^ ord(letter)) * 16777619) & 0xFFFFFFFF
    return f"/d/{total:x}.bin"


def build(more: str = "") -> Site:
    """Return the site; `more` is added to the home page's frame."""
    site = Site("shazhou", HOST, [f"https://{HOST}/"], scheme="http")
    stories = edition("shazhou", HOUSE, COUNT, is_later=False).stories
    site.add("/js/app.js", text_page(SCRIPT, "text/javascript; charset=utf-8"))
    site.add("/robots.txt", text_page("User-agent: *\nAllow: /\n", "text/plain"))
    for number, step in enumerate(pages_of(stories, STEP), 1):
        _add_list(site, number, step, has_next=number * STEP < COUNT, more=more)
    for story in stories:
        _add_article(site, story)
    return site


def _path(story: Story) -> str:
    return f"/a/{story.published:%Y-%m}/{7000 + story.number}.html"


def _list_path(number: int) -> str:
    return "/" if number == 1 else f"/list_{number}.html"


def _add_list(site: Site, number: int, stories: Sequence[Story], *, has_next: bool, more: str) -> None:
    rows = [
        {"title": story.title, "url": _path(story), "time": f"{story.published:%Y-%m-%d %H:%M}"} for story in stories
    ]
    data = {"rows": rows, "next": _list_path(number + 1) if has_next else ""}
    site.add(_list_path(number), frame(more=more if number == 1 else ""))
    _add_data(site, _list_path(number), data)


def _add_article(site: Site, story: Story) -> None:
    data = {
        "title": story.title,
        "time": f"{story.published:%Y-%m-%d %H:%M}",
        "source": story.source,
        "editor": story.editor,
        "lines": lines(story),
        "number": story.number,
    }
    site.add(_path(story), frame())
    _add_data(site, _path(story), data)
    site.articles.append(truth_of(site, story, _path(story)))


def _add_data(site: Site, path: str, data: dict[str, object]) -> None:
    site.add(place(path), text_page(json.dumps(data, ensure_ascii=False), "application/octet-stream"))
