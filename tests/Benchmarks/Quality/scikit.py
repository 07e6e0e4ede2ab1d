"""The other side of the quality benchmark: scikit-learn's models with their defaults, on the same rows.

Takes tasks as lines of JSON and answers each with a line: the test rows' accuracy, or root mean squared error, of each model.
Numbers are standardised (missing ones become the mean), texts become indicators, running text TF-IDF.
"""
import csv
import json
import sys
import warnings

import numpy
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

warnings.filterwarnings("ignore")
MISSING = {"", "na", "n/a", "nan", "null", "?"}


def read(task):
    with open(task["csv"], newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = [name for name in rows[0] if name != task["target"]]
    kinds = task["kinds"]
    table = numpy.empty((len(rows), len(columns)), dtype=object)
    for index, name in enumerate(columns):
        for row, cells in enumerate(rows):
            missing = cells[name].strip().lower() in MISSING
            table[row, index] = (numpy.nan if missing else float(cells[name])) if kinds[name] == "number" else "" if missing else cells[name]
    target = [cells[task["target"]] for cells in rows]
    return table, columns, numpy.array(target if task["classes"] else [float(value) for value in target])


def encoder(columns, kinds):
    parts = []
    numbers = [index for index, name in enumerate(columns) if kinds[name] == "number"]
    if numbers:
        parts.append(("numbers", make_pipeline(FunctionTransformer(lambda values: values.astype(float)), SimpleImputer(), StandardScaler()), numbers))
    levels = [index for index, name in enumerate(columns) if kinds[name] == "level"]
    if levels:
        parts.append(("levels", OneHotEncoder(handle_unknown="ignore"), levels))
    parts += [(name, TfidfVectorizer(), index) for index, name in enumerate(columns) if kinds[name] == "text"]
    return ColumnTransformer(parts)


def models(task, seed):
    if "text" in task["kinds"].values():
        # The others take hours on ten thousand terms.
        return {"linear": LogisticRegression()}
    if task["classes"]:
        return {
            "linear": LogisticRegression(),
            "forest": RandomForestClassifier(random_state=seed),
            "boosting": HistGradientBoostingClassifier(random_state=seed),
            "mlp": MLPClassifier(random_state=seed),
        }
    return {
        "linear": Ridge(),
        "forest": RandomForestRegressor(random_state=seed),
        "boosting": HistGradientBoostingRegressor(random_state=seed),
        "mlp": MLPRegressor(random_state=seed),
    }


def run(task):
    table, columns, target = read(task)
    parts = numpy.array(task["parts"])
    test = parts == 2
    fitted = encoder(columns, task["kinds"]).fit(table[~test])
    dense = lambda rows: rows.toarray() if hasattr(rows, "toarray") else rows
    known, asked = (dense(fitted.transform(table[rows])) for rows in (~test, test))
    scores = {}
    for name, model in models(task, task["seed"]).items():
        answers = model.fit(known, target[~test]).predict(asked)
        scores[name] = float((answers == target[test]).mean() if task["classes"] else numpy.sqrt(((answers - target[test]) ** 2).mean()))
    return scores


for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
