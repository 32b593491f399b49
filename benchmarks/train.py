"""Learns the scores of newsspider/pages/learned/weights.json from labelled pages, and says how good they are.

    python benchmarks/train.py --corpus DIR... [--only NAME...] [--write] [--worst 10]

DIR holds gold.jsonl and html/<id>.html (and listings.jsonl), or recorded pages with expected.json as fixtures/ has
them. What is printed is measured with each site left out in turn, so on sites that training had not seen, but for
"fields" (title, time, source, authors), which rules find: those are scores of known pages. With --write
the weights of all pages are written, unless a page of the last training is answered worse on the whole now. Needs
requirements-train.txt.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from training.body import BODY, DONORS  # noqa: E402
from training.corpora import CorpusError, Page, read_corpora  # noqa: E402
from training.fields import answers, show_fields  # noqa: E402
from training.kind import KIND, TEXT, learn_choosers  # noqa: E402
from training.leave_out import left_out  # noqa: E402
from training.questions import Question, Sample  # noqa: E402
from training.report import show  # noqa: E402
from training.weights import WorseError, write  # noqa: E402

from newsspider.pages.learned.model import ModelError  # noqa: E402

QUESTIONS = (BODY, KIND, TEXT)
FIELDS = "fields"


def samples_of(question: Question, pages: list[Page], jobs: int) -> list[Sample]:
    DONORS[:] = [page.text for page in pages if page.text and not page.is_repeated]
    if jobs == 1:
        return [sample for page in pages for sample in question.samples(page)]
    with ProcessPoolExecutor(jobs) as pool:  # forked: the donors are known in each process
        found = pool.map(question.samples, pages, chunksize=8)
        return [sample for samples in found for sample in samples]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", nargs="+", type=Path, required=True, metavar="DIR")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=[FIELDS, *(one.name for one in QUESTIONS)])
    parser.add_argument("--write", action="store_true", help="write the weights where they are not worse than the last")
    parser.add_argument("--worst", type=int, default=0, help="list so many of the worst pages")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="read pages in N processes (default 1)")
    options = parser.parse_args()
    try:
        pages = read_corpora(options.corpus)
    except CorpusError as error:
        parser.error(str(error))
    print(f"{len(pages)} pages of {len({page.site for page in pages})} sites")
    chosen = [question for question in QUESTIONS if not options.only or question.name in options.only]
    if not options.only or FIELDS in options.only:
        try:
            show_fields([answer for page in pages for answer in answers(page)], options.worst)
        except ModelError as error:  # of figures that are new, and learned below
            print(f"\nfields: not judged: {error}")
    for question in QUESTIONS if any(not question.is_choice for question in chosen) else chosen:
        samples = samples_of(question, pages, options.jobs)
        if question is BODY:
            learn_choosers(samples)
        if question not in chosen:
            continue
        results = left_out(question, samples)
        show(question, results, options.worst)
        if options.write:
            try:
                write(question, samples, results)
            except WorseError as error:
                sys.exit(f"not written: {error}")


if __name__ == "__main__":
    main()
