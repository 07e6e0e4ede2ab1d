"""What scikit-learn 1.2 and Python make of columns, for tests/UnitTests/Training/Features:

    python3 tests/oracles/training/features.py
"""
import datetime
import json
import math
import pathlib

import numpy
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import MinMaxScaler, QuantileTransformer, RobustScaler, StandardScaler
from sklearn.utils import murmurhash3_32

FOLDER = pathlib.Path(__file__).parent

# Ties at both ends and in the middle, a value far out.
TRAIN = [1, 1, 1, 2, 2.5, 3, 3, 3, 3, 4.25, 5, 7, 7, 9, 9, 9, 120]
ASKED = [-5, 1, 1.5, 2, 2.25, 3, 3.5, 7, 8, 9, 50, 120, 500]

TEXTS = ["", "a", "ab", "abc", "abcd", "Torgersen", "ß and more", "日本", "x" * 37]

DATES = ["1970-01-01", "1969-12-31", "2000-02-29", "1900-03-01", "2024-02-29T13:45", "2026-11-28 23:59:59", "1000-01-01", "9999-12-31", "2023-03-01T00:30Z"]

REVIEWS = [
    "Great coffee, great price. I don't mind the price!",
    "The coffee was stale and the price was HIGH",
    "My dog loves it; my dog is great",
    "stale stale stale",
    "Café crème is great coffee",
    "nothing of that",
]


def column(values):
    return numpy.array(values, dtype=float).reshape(-1, 1)


def scaled(scaler):
    return scaler.fit(column(TRAIN)).transform(column(ASKED)).ravel().tolist()


def date(text):
    moment = datetime.datetime.fromisoformat(text.replace("Z", ""))
    days = moment.toordinal() - datetime.date(1970, 1, 1).toordinal()
    return {"text": text, "days": days, "moment": days + (moment.hour * 60 + moment.minute) / 1440, "weekday": moment.isoweekday() % 7, "month": moment.month, "hour": moment.hour}


def terms(words, sublinear):
    vectorizer = TfidfVectorizer(token_pattern="[0-9A-Za-zÀ-ÿ]+", ngram_range=(1, words), min_df=2, sublinear_tf=sublinear)
    values = vectorizer.fit(REVIEWS).transform(REVIEWS).toarray()
    return {"terms": vectorizer.get_feature_names_out().tolist(), "values": values.tolist()}


def main():
    oracle = {
        "train": TRAIN,
        "asked": ASKED,
        "standard": scaled(StandardScaler()),
        "min-max": scaled(MinMaxScaler()),
        "robust": scaled(RobustScaler()),
        "quantile": scaled(QuantileTransformer(n_quantiles=len(TRAIN))),
        "log": [math.copysign(math.log1p(abs(value)), value) for value in ASKED],
        "hashes": [{"text": text, "hash": murmurhash3_32(text, seed=0, positive=True)} for text in TEXTS],
        "dates": [date(text) for text in DATES],
        "reviews": REVIEWS,
        "terms": {f"{words}-{'sublinear' if sublinear else 'linear'}": terms(words, sublinear) for words in (1, 2) for sublinear in (False, True)},
    }
    (FOLDER / "features.json").write_text(json.dumps(oracle, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


main()
