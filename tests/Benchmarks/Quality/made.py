"""Data sets that scikit-learn brings or makes, as CSV files with the column target.

Takes {"name", "classes", "path"} as lines of JSON and answers each with its name when the file is written.
"""
import csv
import json
import sys

import numpy
from sklearn import datasets

SEED = 12


def named(values, target):
    return [f"x{index}" for index in range(values.shape[1])], values, target


def of(loaded):
    return [str(name).replace(" ", "_") for name in loaded.feature_names], loaded.data, loaded.target


def prices():
    """Right-skewed numbers, levels of several columns that act together, and cells that are missing."""
    chance = numpy.random.RandomState(SEED)
    rows = 1500
    area = chance.lognormal(4.4, 0.5, rows)
    age = chance.randint(0, 120, rows).astype(float)
    town = chance.choice([f"town{index}" for index in range(25)], rows, p=chance.dirichlet(numpy.full(25, 2.0)))
    kind = chance.choice(["flat", "house", "loft"], rows, p=[0.6, 0.3, 0.1])
    worth = dict(zip(sorted(set(town)), chance.normal(0, 0.35, 25)))
    price = 2000 * area ** 0.9 * numpy.exp(numpy.array([worth[name] for name in town]) + numpy.where(kind == "house", 0.2 - 0.004 * age, numpy.where(kind == "loft", 0.3, -0.001 * age)) + chance.normal(0, 0.15, rows))
    cells = [list(row) for row in zip(numpy.round(area, 1), age, town, kind)]
    for row in cells:
        for column in range(4):
            if chance.rand() < 0.06:
                row[column] = ""
    return ["area", "age", "town", "kind"], cells, numpy.round(price, -2)


MADE = {
    "breast-cancer": lambda: of(datasets.load_breast_cancer()),
    "hastie": lambda: named(*datasets.make_hastie_10_2(2000, random_state=SEED)),
    "clusters": lambda: named(*datasets.make_classification(2000, 20, n_informative=6, n_redundant=4, n_classes=4, n_clusters_per_class=2, random_state=SEED)),
    "rare": lambda: named(*datasets.make_classification(3000, 15, n_informative=5, n_redundant=2, weights=[0.93], flip_y=0.01, random_state=SEED)),
    "moons": lambda: named(*datasets.make_moons(600, noise=0.25, random_state=SEED)),
    "few-rows": lambda: named(*datasets.make_classification(120, 40, n_informative=6, n_redundant=0, random_state=SEED)),
    "friedman1": lambda: named(*datasets.make_friedman1(1000, 10, noise=1.0, random_state=SEED)),
    "friedman2": lambda: named(*datasets.make_friedman2(800, noise=50.0, random_state=SEED)),
    "sparse": lambda: named(*datasets.make_regression(400, 100, n_informative=10, noise=20.0, random_state=SEED)),
    "prices": prices,
}

for line in sys.stdin:
    asked = json.loads(line)
    columns, rows, target = MADE[asked["name"]]()
    with open(asked["path"], "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*columns, "target"])
        for row, value in zip(rows, target):
            writer.writerow([*row, f"class{int(value)}" if asked["classes"] else value])
    print(json.dumps(asked["name"]), flush=True)
