using System.Text;
using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Registry;
using Mlops.Registry.Facts;

namespace Mlops.Testing;

/// <summary>Facts and events that are complete, for tests that care for something else.</summary>
public static class SampleFacts
{
    public static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private const string Spec = """{"name":"iris","task":"classification","target":["class"]}""";

    public static DatasetVersion Dataset(RegistryStore store, string name = "iris", int version = 1, string? digest = null) => new()
    {
        Id = store.NewId(),
        Name = name,
        Version = version,
        Digest = digest ?? new string('d', 64),
        Bytes = 10,
        Rows = 2,
        Schema = "{}",
        Profile = "{}",
        CreatedAt = At,
    };

    public static PipelineRun Run(RegistryStore store, DatasetVersion dataset, string? splitDigest = null) => new()
    {
        Id = store.NewId(),
        Name = dataset.Name,
        DatasetVersionId = dataset.Id,
        Spec = Spec,
        SpecDigest = ContentDigest.Of(Encoding.UTF8.GetBytes(Spec)).ToString(),
        SplitDigest = splitDigest ?? new string('6', 64),
        CreatedAt = At,
    };

    public static ModelVersion Model(RegistryStore store, PipelineRun run, int version = 1, string method = ModelVersion.Original, Guid? parent = null, string? digest = null) => new()
    {
        Id = store.NewId(),
        Name = run.Name,
        Version = version,
        Digest = digest ?? new string('a', 64),
        Bytes = 100,
        Signature = new ModelSignature
        {
            Task = TaskKind.Classification,
            Inputs = [new TensorSignature { Name = "features", Datatype = "FP32", Shape = [-1, 2], Columns = ["x", "y"] }],
            Outputs = [new TensorSignature { Name = "label", Datatype = "BYTES", Shape = [-1] }],
            Classes = ["no", "yes"],
        },
        Method = method,
        ParentId = parent,
        PipelineRunId = run.Id,
        CreatedAt = At,
    };

    public static PipelineFailed Failed(RegistryStore store, Guid runId) => new()
    {
        EventId = store.NewId(),
        OccurredAt = store.Now(),
        PipelineRunId = runId,
        Stage = "train-model",
        Kind = "Invalid",
        Reason = "a reason",
    };
}
