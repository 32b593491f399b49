"""What hangs together: the network around an article, and which site names which source."""

from __future__ import annotations

from typing import Any

from newsspider.mongo.daily.figures import DailyFigures
from newsspider.mongo.network import REPRINT, Node, network
from newsspider.web.answers import Answer
from newsspider.web.asking import Question
from newsspider.web.pages.article import article_of
from newsspider.web.pages.spans import chosen_span, span_values
from newsspider.web.plots.charts import heat_map
from newsspider.web.plots.network_map import network_map
from newsspider.web.presenting import article_path
from newsspider.web.words import translator


def graph_page(question: Question) -> Answer:
    """Return the network of an article to two steps, as a drawing and as a table."""
    article = article_of(question)
    found = network(question.archive.database, article)
    say = translator(question.language)

    def path_of(node: Node) -> str | None:
        return question.link(f"{article_path(node.article)}/graph") if node.article else None

    text = say("{nodes} articles and {edges} links; the table below has all of them.").format(
        nodes=len(found.nodes), edges=len(found.edges)
    )
    rows = [
        {"start": found.nodes[edge.start], "end": found.nodes[edge.end], "kind": edge.kind, "block": edge.block}
        for edge in found.edges
    ]
    values = {
        "article": article,
        "path": article_path(article),
        "network": found,
        "drawing": network_map(f"{say('Graph')}: {article['title']}", text, found, path_of),
        "rows": rows,
        "reprint": REPRINT,
    }
    return Answer("graph.html", values, _document(found))


def _document(found: Any) -> dict[str, Any]:
    nodes = [
        {
            "id": node.id,
            "title": node.title,
            "depth": node.depth,
            "is_stored": node.article is not None,
            **{name: (node.article or {}).get(name) for name in ("url", "site", "source", "published_at")},
        }
        for node in found.nodes.values()
    ]
    edges = [{"from": e.start, "to": e.end, "kind": e.kind, "block": e.block or None} for e in found.edges]
    return {"nodes": nodes, "edges": edges, "is_cut": found.is_cut}


def sources_page(question: Question) -> Answer:
    """Return which sites name which sources, as a matrix."""
    figures = DailyFigures(question.archive.database)
    span = chosen_span(question, figures)
    sites, sources, counts = question.remembered.answer(("sources", span), lambda: figures.sources(span))
    say = translator(question.language)
    largest = max(counts.values(), default=1)
    shares = [
        [(counts[site, source] / largest) ** 0.5 if (site, source) in counts else None for source in sources]
        for site in sites
    ]
    said = [[f"{counts[site, source]:,}" if (site, source) in counts else "–" for source in sources] for site in sites]
    drawing = heat_map(
        say("Who names whom as source"),
        say("Rows are sites, columns the sources that they name; darker is more articles."),
        sites,
        sources,
        shares,
        said,
        has_slanted=True,
    )
    values = {
        **span_values(question, figures, span),
        "sites": sites,
        "sources": sources,
        "counts": counts,
        "drawing": drawing,
    }
    items = [{"site": site, "source": source, "articles": count} for (site, source), count in sorted(counts.items())]
    return Answer("sources.html", values, {"first": span.first, "last": span.last, "items": items})
