using Microsoft.EntityFrameworkCore;
using Mlops.Registry;
using Mlops.Registry.Facts;

namespace Mlops.Governance;

/// <summary>A model version in a list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">The model's name.</param>
/// <param name="Version">Its number within the name.</param>
/// <param name="Digest">SHA-256 of the ONNX file.</param>
/// <param name="Bytes">Length of the ONNX file.</param>
/// <param name="Method"><c>original</c>, or the compression method.</param>
/// <param name="ParentVersion">The version that it was compressed from; absent for an original.</param>
/// <param name="PipelineRunId">The run that made it; absent when it was made elsewhere.</param>
/// <param name="Passed">Whether it met every gate; absent until it is evaluated.</param>
/// <param name="Metrics">On the held-out test rows; absent until it is evaluated.</param>
/// <param name="MedianMicroseconds">Median latency of one row; absent until it is measured.</param>
/// <param name="CreatedAt">UTC.</param>
public sealed record VersionSummary(
    Guid Id, string Name, int Version, string Digest, long Bytes, string Method, int? ParentVersion, Guid? PipelineRunId, bool? Passed,
    IReadOnlyDictionary<string, double>? Metrics, double? MedianMicroseconds, DateTimeOffset CreatedAt)
{
    /// <summary>Summaries of the given versions, in their order: three queries, however many there are.</summary>
    internal static async Task<IReadOnlyList<VersionSummary>> ReadAsync(
        RegistryDbContext db, IQueryable<ModelVersion> versions, CancellationToken cancellationToken)
    {
        var found = await versions.Select(version => new
        {
            version.Id,
            version.Name,
            version.Version,
            version.Digest,
            version.Bytes,
            version.Method,
            ParentVersion = db.ModelVersions.Where(parent => parent.Id == version.ParentId).Select(parent => (int?)parent.Version).FirstOrDefault(),
            version.PipelineRunId,
            version.CreatedAt,
        }).ToListAsync(cancellationToken);
        var ids = found.ConvertAll(version => version.Id);
        var reports = await db.EvaluationReports.Where(report => ids.Contains(report.ModelVersionId))
            .Select(report => new { report.ModelVersionId, report.PipelineRunId, report.Passed, report.Metrics })
            .ToDictionaryAsync(report => report.ModelVersionId, cancellationToken);
        var latencies = await LatenciesAsync(db, [.. reports.Values.Select(report => report.PipelineRunId).Distinct()], cancellationToken);
        return found.ConvertAll(version =>
        {
            var report = reports.GetValueOrDefault(version.Id);
            return new VersionSummary(
                version.Id, version.Name, version.Version, version.Digest, version.Bytes, version.Method, version.ParentVersion, version.PipelineRunId,
                report?.Passed, report?.Metrics, latencies.GetValueOrDefault(version.Id)?.MedianMicroseconds, version.CreatedAt);
        });
    }

    /// <summary>What was measured of the versions of the given runs, by version.</summary>
    internal static async Task<Dictionary<Guid, LatencyMeasurement>> LatenciesAsync(
        RegistryDbContext db, IReadOnlyList<Guid> runs, CancellationToken cancellationToken)
    {
        var measured = await db.Compressions.Where(compression => runs.Contains(compression.PipelineRunId))
            .Select(compression => compression.Measurements).ToListAsync(cancellationToken);
        return measured.SelectMany(measurements => measurements).ToDictionary(measurement => measurement.ModelVersionId);
    }
}
