"""Reference values of the evaluator's metrics, by scikit-learn (1.2.1).

Run it with any Python that has scikit-learn; the tests of the evaluator hold what it prints.
"""
import numpy as np
from sklearn import metrics as m

# Three classes, 8 rows; every probability is a multiple of 1/16, exact as a 32-bit float. Class 1 and 2 have ties.
actual = np.array([0, 0, 1, 1, 1, 2, 2, 0])
sixteenths = np.array([
    [12, 2, 2], [4, 8, 4], [2, 12, 2], [8, 6, 2], [1, 12, 3], [2, 2, 12], [6, 4, 6], [10, 4, 2]])
p = sixteenths / 16
predicted = p.argmax(axis=1)


def classification(actual, predicted, p, labels):
    print("accuracy", m.accuracy_score(actual, predicted))
    for average in ("macro", None):
        print("precision recall f1", average, *m.precision_recall_fscore_support(
            actual, predicted, labels=labels, average=average, zero_division=0)[:3])
    print("confusion", m.confusion_matrix(actual, predicted, labels=labels).tolist())
    print("log loss", m.log_loss(actual, p, labels=labels, eps=1e-15))


print("== three classes")
classification(actual, predicted, p, [0, 1, 2])
print("auc", m.roc_auc_score(actual, p, multi_class="ovr", average="macro"))
print("areas", [m.roc_auc_score(actual == c, p[:, c]) for c in range(3)])

print("== class 2 is absent")
rows = actual != 2
classification(actual[rows], predicted[rows], p[rows], [0, 1, 2])
print("areas", [m.roc_auc_score(actual[rows] == c, p[rows, c]) for c in range(2)])

print("== two classes")
truth = np.array([0, 1, 1, 0, 1, 0, 1])
score = np.array([2, 12, 6, 6, 10, 9, 9]) / 16
classification(truth, (score > 0.5).astype(int), np.stack([1 - score, score], axis=1), [0, 1])
print("auc", m.roc_auc_score(truth, score))

print("== regression")
y = np.array([[3.0, 0.5], [-0.5, 1.0], [2.0, 2.0], [7.0, -1.5]])
q = np.array([[2.5, 0.25], [0.0, 1.5], [2.0, 2.0], [8.0, -1.0]])
print("first r2 mse rmse mae", m.r2_score(y[:, 0], q[:, 0]), m.mean_squared_error(y[:, 0], q[:, 0]),
      m.mean_squared_error(y[:, 0], q[:, 0], squared=False), m.mean_absolute_error(y[:, 0], q[:, 0]))
print("both r2 mse mae", m.r2_score(y, q), m.mean_squared_error(y, q), m.mean_absolute_error(y, q))
print("constant", m.r2_score([2, 2, 2], [2, 2, 2]), m.r2_score([2, 2, 2], [2, 2, 3]))
