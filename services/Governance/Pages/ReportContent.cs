using System.Text.Json;
using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Contracts.Spec;

namespace Mlops.Governance.Pages;

/// <summary>What the pages show of a report's file, which the evaluator writes; anything may be absent.</summary>
/// <param name="Classes">Of a classification, in the order of its classes.</param>
/// <param name="ConfusionMatrix">Of a classification: [true class][predicted class] → rows.</param>
/// <param name="Targets">Of a regression, in the order of its targets.</param>
/// <param name="CrossValidation">Of a version whose training was cross-validated.</param>
public sealed record ReportContent(
    IReadOnlyList<ClassFigures>? Classes, IReadOnlyList<IReadOnlyList<long>>? ConfusionMatrix, IReadOnlyList<TargetFigures>? Targets,
    CrossValidationFigures? CrossValidation)
{
    /// <summary>Reads a report; null with the reason when its file is not to be had.</summary>
    internal static async Task<(ReportContent? Content, string? Problem)> ReadAsync(IArtifactStore artifacts, ReportSummary? report, CancellationToken cancellationToken)
    {
        if (report is null)
            return (null, null);
        try
        {
            return (JsonSerializer.Deserialize<ReportContent>(await artifacts.ReadAsync(ContentDigest.Parse(report.Digest), cancellationToken), SpecJson.Canonical), null);
        }
        catch (Fault fault)
        {
            return (null, fault.Message);
        }
        catch (JsonException exception)
        {
            return (null, $"the report is not in a form that this page knows: {exception.Message}");
        }
    }
}

/// <summary>How one class was predicted.</summary>
/// <param name="Class">The class.</param>
/// <param name="Support">Test rows of it.</param>
/// <param name="Precision">0 to 1.</param>
/// <param name="Recall">0 to 1.</param>
/// <param name="F1">0 to 1.</param>
/// <param name="RocAuc">One versus rest; null where the test rows have only the class, or none of it.</param>
public sealed record ClassFigures(string Class, long Support, double Precision, double Recall, double F1, double? RocAuc);

/// <summary>How one target was predicted.</summary>
/// <param name="Target">The target.</param>
/// <param name="R2">At most 1.</param>
/// <param name="Mse">In the target's unit, squared.</param>
/// <param name="Rmse">In the target's unit.</param>
/// <param name="Mae">In the target's unit.</param>
public sealed record TargetFigures(string Target, double R2, double Mse, double Rmse, double Mae);
