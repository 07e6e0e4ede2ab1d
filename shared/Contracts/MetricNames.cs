namespace Mlops.Contracts;

/// <summary>Names of the metrics of an evaluation report, as specs, the registry and the API write them.</summary>
public static class MetricNames
{
    /// <summary>Share of rows whose class is right.</summary>
    public const string Accuracy = "accuracy";

    /// <summary>Mean of the classes' precisions.</summary>
    public const string Precision = "precision";

    /// <summary>Mean of the classes' recalls.</summary>
    public const string Recall = "recall";

    /// <summary>Mean of the classes' F1 scores.</summary>
    public const string F1 = "f1";

    /// <summary>Mean negative natural logarithm of the true class's probability.</summary>
    public const string LogLoss = "logLoss";

    /// <summary>Area under the receiver operating characteristic; for more than two classes the mean of one-versus-rest areas.</summary>
    public const string RocAuc = "rocAuc";

    /// <summary>Mean squared error.</summary>
    public const string Mse = "mse";

    /// <summary>Root of the mean squared error, in the target's unit.</summary>
    public const string Rmse = "rmse";

    /// <summary>Mean absolute error, in the target's unit.</summary>
    public const string Mae = "mae";

    /// <summary>Coefficient of determination; 1 is perfect, 0 is as good as the mean.</summary>
    public const string R2 = "r2";

    /// <summary>The metrics of a task, the headline first.</summary>
    public static IReadOnlyList<string> For(TaskKind task) => task == TaskKind.Classification
        ? [Accuracy, Precision, Recall, F1, LogLoss, RocAuc]
        : [R2, Mse, Rmse, Mae];
}
