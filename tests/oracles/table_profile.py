"""Numbers for TableProfileTests, by numpy: run with the folder of the sample files."""
import csv
import sys

import numpy as np

for name, column in [("iris", "petal_length"), ("diabetes", "s5"), ("penguins", "bill_length_mm"), ("penguins", "body_mass_g")]:
    with open(f"{sys.argv[1]}/{name}.csv", newline="") as file:
        cells = [row[column] for row in csv.DictReader(file)]
    values = np.array([float(cell) for cell in cells if cell not in ("", "NA")])
    print(name, column, len(values), len(cells) - len(values), len(np.unique(values)),
          *(repr(float(x)) for x in (values.mean(), values.std(ddof=1), values.min(), values.max())),
          *(repr(float(x)) for x in np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95])))

for name in ("iris", "penguins", "diabetes", "digits"):
    with open(f"{sys.argv[1]}/{name}.csv", newline="") as file:
        rows = [tuple(row) for row in csv.reader(file)][1:]
    print(name, "duplicate rows", len(rows) - len(set(rows)))
    if name in ("iris", "penguins"):
        print({label: sum(row[-1] == label for row in rows) for label in sorted({row[-1] for row in rows})})
