"""Reference values of FoldAssignmentTests and MetricSpreadTests, by scikit-learn (1.2.1) and NumPy.

Which row stands in which fold is chance, and ours is another; the sizes are not.
"""
import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold, TimeSeriesSplit

for rows, folds in [(10, 3), (23, 5), (7, 7)]:
    print("k-fold", rows, folds, [len(held) for _, held in KFold(folds).split(np.zeros(rows))])

for classes, folds in [([7, 8, 5], 5), ([10, 3], 3), ([6, 6, 6], 4)]:
    y = np.repeat(np.arange(len(classes)), classes)
    sizes = [np.bincount(y[held], minlength=len(classes)).tolist() for _, held in StratifiedKFold(folds).split(y, y)]
    print("stratified", classes, folds, sizes)

for rows, folds in [(6, 5), (13, 3), (20, 4)]:
    print("time-ordered", rows, folds, [(len(train), held.tolist()) for train, held in TimeSeriesSplit(folds).split(np.zeros(rows))])

for values in [[0.9, 0.8, 1.0, 0.7], [2.5]]:
    print("spread", values, np.mean(values), np.std(values, ddof=1) if len(values) > 1 else 0)
