"""Fits which sentence answers, which passage, and whether any does; writes kb/fitted.json: python -m benchmarks.fit.

Fitted on one half of the documents of three public question sets (of those, CCO_SHARED names the folder) and on
benchmarks/development.jsonl, questions about the shipped texts that are in no set that is reported; judged on the other
half and on the shipped questions. Prints both. Indexing the public sets takes an hour the first time, on two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from kb import KnowledgeBase, Settings
from kb.close_reading import Reading, read
from kb.confidence import confidence
from kb.evaluation.measures import holds_answer, tight
from kb.evaluation.question_sets import EvaluationQuestion, load_question_set
from kb.evaluation.splits import LOOK, part_of
from kb.evaluation.squad import load_squad
from kb.evidence import evidence, passage_evidence
from kb.extractive import PASSAGES_READ
from kb.fitted import Fitted, Node, weighed
from kb.sentences import features, probabilities
from retrieval.bundled_model import BUNDLED_MODEL
from retrieval.encoder import SentenceTransformerEncoder
from retrieval.index import Hit, Question, Snapshot
from retrieval.storage import IndexMissing

ROOT = Path(__file__).resolve().parents[1]
PUBLIC = {"cmrc2018_trial.zh-Hans.json": 1, "drcd_test.zh-Hant.json": 3, "poquad_a.pl.json": 1}
"""Files, and of how many questions one is taken: all sets are to count for about as much."""
DEVELOPMENT = ROOT / "benchmarks" / "development.jsonl"
NEAR_MISSES = ROOT / "benchmarks" / "near_misses.jsonl"
"""Questions about the shipped texts that nothing is fitted on, most of them near misses."""
SHIPPED = ROOT / "kb" / "evaluation" / "questions.jsonl"
SENTENCE_STRENGTH, PASSAGE_STRENGTH, CONFIDENCE_STRENGTH = 0.03, 0.3, 0.02
"""Inverse strengths of the ridge, on standardised figures."""
TREES = 120
SOURCE_WEIGHTS = {
    "development": 1.0,
    "poquad_a.pl.json": 1.0,
    "cmrc2018_trial.zh-Hans.json": 0.1,
    "drcd_test.zh-Hant.json": 0.1,
}
"""What each source counts for in the confidence: little where all questions have an answer."""
KIND_SHARES = {"near-miss": 0.6, "unknown-name": 0.25, "off-topic": 0.15}
"""What each kind of development questions without an answer counts for, whatever their number; they add up to 1."""
USUALLY_ANSWERED = 0.8
"""Share of the questions asked of a knowledge base that it answers, as in PoQuAD."""

Weights = dict[str, float]


@dataclass
class Case:
    """One question, what was found for it, and what is right."""

    source: str
    asked: EvaluationQuestion
    question: Question
    hits: list[Hit]
    readings: list[Reading]
    right: list[bool]
    """Of each passage read whether it answers."""
    fitted_on: bool
    snapshot: Snapshot = field(repr=False)

    @property
    def answerable(self) -> bool:
        """Whether the sources answer it."""
        return self.asked.answerable


def cases(source: str, base: KnowledgeBase, questions: Iterable[EvaluationQuestion], *, squad: bool) -> list[Case]:
    """Ask `questions` of `base`; in SQuAD's format a passage of the question's own paragraph is right."""
    found, snapshot = [], base.snapshot
    for asked in questions:
        if not asked.question.strip():
            continue
        question = base.question(asked.question)
        hits = snapshot.search(question, k=10)
        readings = [read(snapshot, question, hit) for hit in hits[:PASSAGES_READ]]
        right = [
            (not asked.documents or r.hit.passage.document_id in asked.documents)
            and (squad or holds_answer(r.hit.passage.text, asked.answers))
            and asked.answerable
            for r in readings
        ]
        fitted_on = _half(readings[0].hit.passage.document_id) if squad and readings else source == "development"
        if readings:
            found.append(Case(source, asked, question, hits, readings, right, fitted_on, snapshot))
    return found


def _half(document_id: str) -> bool:
    return part_of(document_id) == LOOK


def answering(case: Case, reading: Reading) -> np.ndarray:
    """Return which sentences of a passage hold an expected answer, or overlap one that runs over several."""
    texts = [tight(text) for text in reading.texts]
    wanted = [tight(answer) for answer in case.asked.answers]
    holds = np.array([any(answer in text for answer in wanted) for text in texts])
    if holds.any():
        return holds
    whole, ends = "".join(texts), np.cumsum([len(text) for text in texts])
    place = next((p for answer in wanted if (p := whole.find(answer)) >= 0), -1)
    length = next((len(answer) for answer in wanted if answer in whole), 0)
    starts = ends - [len(text) for text in texts]
    return np.asarray((starts < place + length) & (ends > place)) if place >= 0 else holds


# ------------------------------------------------------------------------------------------------------------- fits


def logistic(rows: np.ndarray, true: np.ndarray, weights: np.ndarray, names: Sequence[str], strength: float) -> Weights:
    """Return the weights of a ridge logistic regression over columns called `names`, in their own units."""
    scaler = StandardScaler().fit(rows)
    model = LogisticRegression(C=strength, max_iter=5000).fit(scaler.transform(rows), true, sample_weight=weights)
    return _in_own_units(model.coef_[0], float(model.intercept_[0]), scaler, names)


def _in_own_units(slopes: np.ndarray, constant: float, scaler: StandardScaler, names: Sequence[str]) -> Weights:
    own = slopes / scaler.scale_
    rounded = {name: round(float(weight), 4) for name, weight in zip(names, own, strict=True)}
    return {"constant": round(constant - float(own @ scaler.mean_), 4), **rounded}


def fit_sentences(fitting: Sequence[Case]) -> Weights:
    """Fit on the sentences of the right passages; every source counts the same."""
    rows, true, weights = [], [], []
    names: list[str] = []
    used = [(case, r) for case in fitting for r, right in zip(case.readings, case.right, strict=True) if right]
    counts = {source: sum(case.source == source for case, _ in used) for source in {case.source for case, _ in used}}
    for case, reading in used:
        holds = answering(case, reading)
        if holds.any():
            figures = features(reading, case.question.text)
            names = list(figures)
            rows.append(np.stack(list(figures.values()), axis=1))
            true.append(holds)
            weights.append(np.full(len(holds), 1000.0 / counts[case.source]))
    return logistic(np.concatenate(rows), np.concatenate(true), np.concatenate(weights), names, SENTENCE_STRENGTH)


def chances(case: Case, sentences: Weights) -> list[np.ndarray]:
    """Return the probabilities of the sentences of each passage read."""
    return [probabilities(r, case.question.text, sentences) for r in case.readings]


def fit_passages(fitting: Sequence[Case], sentences: Weights) -> Weights:
    """Fit a conditional logit: among the passages read of one question, which is right."""
    groups, names = [], list[str]()
    for case in fitting:
        if any(case.right) and not all(case.right):
            told = [
                passage_evidence(case.question, r, p)
                for r, p in zip(case.readings, chances(case, sentences), strict=True)
            ]
            names = list(told[0])
            groups.append((np.array([list(figures.values()) for figures in told]), np.array(case.right)))
    scaler = StandardScaler().fit(np.concatenate([rows for rows, _ in groups]))
    scaled = [(scaler.transform(rows), right) for rows, right in groups]

    def loss(slopes: np.ndarray) -> float:
        total = 0.0
        for rows, right in scaled:
            odds = rows @ slopes
            total -= float(np.logaddexp.reduce(odds[right]) - np.logaddexp.reduce(odds))
        return PASSAGE_STRENGTH * total + float(slopes @ slopes) / 2

    return _in_own_units(minimize(loss, np.zeros(len(names))).x, 0.0, scaler, names)


def figures_of(case: Case, fitted: Fitted) -> dict[str, float]:
    """Return what `kb.extractive.findings` weighs for the confidence."""
    return _figures_and_place(case, fitted)[0]


def _figures_and_place(case: Case, fitted: Fitted) -> tuple[dict[str, float], int]:
    """Return the same, and the number of the passage that is taken for the answering one."""
    of_sentences = chances(case, dict(fitted.sentences))
    odds = [
        float(weighed(passage_evidence(case.question, r, p), fitted.passages))
        for r, p in zip(case.readings, of_sentences, strict=True)
    ]
    best = int(np.argmax(odds))
    return evidence(case.snapshot, case.question, case.hits, case.readings, of_sentences, best), best


def fit_confidence(fitting: Sequence[Case], fitted: Fitted) -> tuple[Weights, list[list[list[object]]]]:
    """Fit a logistic regression and boosted trees, add them up, and calibrate the sum on what neither was fitted to.

    Answerable and unanswerable questions of a source that has both count the same while fitting. The calibration
    (Platt 1999) then takes it that `USUALLY_ANSWERED` of the questions that are asked have an answer.
    """
    told = [figures_of(case, fitted) for case in fitting]
    names = list(told[0])
    rows = np.array([list(figures.values()) for figures in told])
    true = np.array([case.answerable for case in fitting])
    weights = np.array([SOURCE_WEIGHTS[case.source] * _share(case) / _alike(case, fitting) for case in fitting])
    unseen = np.zeros(len(fitting))
    for some, others in StratifiedKFold(5, shuffle=True, random_state=0).split(rows, true):
        linear, trees = _both(rows[some], true[some], weights[some])
        unseen[others] = linear.decision_function(rows[others]) + trees.decision_function(rows[others])
    odds = np.where(true, USUALLY_ANSWERED, 1.0 - USUALLY_ANSWERED)
    platt = LogisticRegression(C=1e6).fit(unseen[:, None], true, sample_weight=weights * odds)
    scale, shift = float(platt.coef_[0, 0]), float(platt.intercept_[0])
    linear, trees = _both(rows, true, weights)
    scaler, model = linear[0], linear[1]
    start = float(trees.decision_function(rows[:1])[0]) - _sum_of_trees(trees, rows[:1])
    own = _in_own_units(model.coef_[0] * scale, float(model.intercept_[0] + start) * scale + shift, scaler, names)
    return own, [_nodes(tree[0].tree_, names, scale * trees.learning_rate) for tree in trees.estimators_]


def _share(case: Case) -> float:
    return KIND_SHARES.get(case.asked.kind, 1.0)


def _alike(case: Case, cases_: Sequence[Case]) -> int:
    return sum(
        (other.source, other.answerable, _share(other)) == (case.source, case.answerable, _share(case))
        for other in cases_
    )


def _both(rows: np.ndarray, true: np.ndarray, weights: np.ndarray) -> tuple[Pipeline, GradientBoostingClassifier]:
    even = weights / weights.mean()
    linear = make_pipeline(StandardScaler(), LogisticRegression(C=CONFIDENCE_STRENGTH, max_iter=5000))
    # Each tree sees half of the questions and a third of the figures (Friedman 2002), so that they err apart.
    trees = GradientBoostingClassifier(
        n_estimators=TREES,
        learning_rate=0.04,
        max_leaf_nodes=6,
        max_depth=None,
        min_samples_leaf=25,
        subsample=0.5,
        max_features=0.3,
        random_state=0,
    )
    return linear.fit(rows, true, logisticregression__sample_weight=even), trees.fit(rows, true, sample_weight=even)


def _sum_of_trees(trees: GradientBoostingClassifier, rows: np.ndarray) -> float:
    return float(sum(trees.learning_rate * tree[0].predict(rows)[0] for tree in trees.estimators_))


def _nodes(tree: object, names: Sequence[str], scale: float) -> list[list[object]]:
    """Return one tree in the form of `kb.fitted.Node`."""
    found: list[list[object]] = []
    for place in range(tree.node_count):  # type: ignore[attr-defined]
        below, above = int(tree.children_left[place]), int(tree.children_right[place])  # type: ignore[attr-defined]
        if below < 0:
            found.append(["", round(float(tree.value[place].item()) * scale, 4), 0, 0])  # type: ignore[attr-defined]
        else:
            figure, value = names[tree.feature[place]], float(tree.threshold[place])  # type: ignore[attr-defined]
            found.append([figure, round(value, 5), below, above])
    return found


# ---------------------------------------------------------------------------------------------------------- the run


def judged(cases_: Sequence[Case], fitted: Fitted) -> None:
    """Print what the fit is worth on cases that it did not see, by source."""
    print("| judged on | questions | right passage first | AUROC | answered | refused |")
    print("|---|---|---|---|---|---|")
    for source in dict.fromkeys(case.source for case in cases_):
        those = [case for case in cases_ if case.source == source]
        first, sure = [], []
        for case in those:
            figures, place = _figures_and_place(case, fitted)
            sure.append(confidence(figures, fitted))
            first += [case.right[place]] if any(case.right) else []
        true = np.array([case.answerable for case in those])
        told = np.array(sure)
        mixed = true.any() and not true.all()
        auroc = f"{roc_auc_score(true, told):.3f}" if mixed else ""
        refused = f"{np.mean(told[~true] < 0.5):.3f}" if mixed else ""
        answered = f"{np.mean(told[true] >= 0.5):.3f}"
        print(f"| {source} | {len(those)} | {np.mean(first):.3f} | {auroc} | {answered} | {refused} |")


def _base(
    documents: Path | None, squad: Path | None, folder: Path, encoder: SentenceTransformerEncoder
) -> KnowledgeBase:
    """Open the index in `folder`, which is made first where there is none."""
    settings = Settings(index=folder)
    try:
        return KnowledgeBase.open(settings=settings, encoder=encoder)
    except IndexMissing:
        if documents:
            return KnowledgeBase.build([documents], settings=settings, encoder=encoder)
        assert squad is not None
        return KnowledgeBase.of_documents(load_squad(squad)[1], settings=settings, encoder=encoder)


def all_cases(work: Path, shared: Path, encoder: SentenceTransformerEncoder) -> list[Case]:
    """Ask every question of every source."""
    found: list[Case] = []
    for name, one_in in PUBLIC.items():
        base = _base(None, shared / "bench" / name, work / name, encoder)
        found += cases(name, base, load_squad(shared / "bench" / name)[0].questions[::one_in], squad=True)
    base = _base(ROOT / "corpus" / "texts", None, work / "shipped", encoder)
    for source, file in (("development", DEVELOPMENT), ("near misses", NEAR_MISSES), ("shipped", SHIPPED)):
        found += cases(source, base, load_question_set(file).questions, squad=False)
    return found


def fit(fitting: Sequence[Case], digest: str) -> Fitted:
    """Fit all, one after another: each takes what the one before it says."""
    sentences = fit_sentences(fitting)
    passages = fit_passages(fitting, sentences)
    so_far = Fitted(sentences, passages, {"constant": 0.0}, (), digest, True)
    linear, trees = fit_confidence(fitting, so_far)
    return replace(so_far, confidence=linear, trees=tuple(tuple(Node(*node) for node in nodes) for nodes in trees))  # type: ignore[arg-type]


def write(fitted: Fitted, file: Path) -> None:
    """Write the weights, those fitted for other models left as they are."""
    known = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    known[fitted.model_digest] = {
        "sentences": dict(fitted.sentences),
        "passages": dict(fitted.passages),
        "confidence": dict(fitted.confidence),
        "trees": [[list(node) for node in tree] for tree in fitted.trees],
    }
    # A line for each set of weights and each tree, so that a change can be read.
    text = json.dumps(known, ensure_ascii=False)
    text = text.replace("}, ", "},\n").replace("]], ", "]],\n").replace(": {", ":\n{")
    file.write_text(text + "\n", encoding="utf-8")


def main() -> None:
    """Fit, print what it is worth, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="where the public sets' indexes are kept")
    parser.add_argument("--model", default=BUNDLED_MODEL, help="the embedding model to fit for")
    parser.add_argument("--out", type=Path, default=ROOT / "kb" / "fitted.json")
    options = parser.parse_args()
    shared = os.environ.get("CCO_SHARED")
    if not shared:
        sys.exit("CCO_SHARED is not set: it names the folder whose bench/ has the public question sets")
    encoder = SentenceTransformerEncoder.load(options.model)
    found = all_cases(options.work, Path(shared), encoder)
    fitted = fit([case for case in found if case.fitted_on], encoder.digest)
    judged([case for case in found if not case.fitted_on], fitted)
    write(fitted, options.out)


if __name__ == "__main__":
    main()
