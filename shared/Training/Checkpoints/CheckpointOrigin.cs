using System.Security.Cryptography;
using System.Text.Json;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Training.Loop;
using Mlops.Training.Networks;
using static TorchSharp.torch;

namespace Mlops.Training.Checkpoints;

/// <summary>Which training a checkpoint is of: going on with another spec, other rows or another backend would give neither model.</summary>
internal sealed record CheckpointOrigin
{
    /// <summary>SHA-256 of the spec's canonical JSON.</summary>
    public required string Spec { get; init; }

    /// <summary>SHA-256 of the encoded training and validation rows, in their order: all that the network sees of a data set.</summary>
    public required string Rows { get; init; }

    /// <summary>libtorch's version, device, threads, optimisers.</summary>
    public required string Backend { get; init; }

    /// <summary>Of a refit, what came before it; not compared.</summary>
    public FirstFit? FirstFit { get; init; }

    public static CheckpointOrigin Of(PipelineSpec spec, SampleSource train, SampleSource? validation, string backend) => new()
    {
        Spec = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(spec, SpecJson.Canonical))),
        Rows = DigestOf(validation is null ? [train] : [train, validation]),
        Backend = backend,
    };

    /// <summary>Refuses to go on from a checkpoint of another training.</summary>
    /// <exception cref="Fault">Conflict: names all that differs.</exception>
    public void Require(CheckpointOrigin found)
    {
        var problems = new List<Problem>();
        void Compare(string field, string found, string accepted)
        {
            if (found != accepted)
                problems.Add(new Problem($"checkpoint.{field}", $"the checkpoint is of a training with {found}; {accepted} is accepted here"));
        }
        Compare("spec", found.Spec, Spec);
        Compare("rows", found.Rows, Rows);
        Compare("backend", found.Backend, Backend);
        if (problems.Count > 0)
            throw new Fault(FaultKind.Conflict, problems);
    }

    private static string DigestOf(IEnumerable<SampleSource> rows)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in rows)
        {
            Append(hash, part, slice => slice.Inputs);
            Append(hash, part, slice => slice.Targets);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // As if all slices were one tensor.
    private static void Append(IncrementalHash hash, SampleSource rows, Func<Samples, Tensor> of)
    {
        using var scope = NewDisposeScope();
        var isFirst = true;
        foreach (var tensor in rows.Slices().Select(of))
        {
            if (isFirst)
                hash.AppendData(JsonSerializer.SerializeToUtf8Bytes<long[]>([rows.Count, .. tensor.shape[1..]]));
            tensor.ReadBytes(hash.AppendData);
            isFirst = false;
        }
    }
}
