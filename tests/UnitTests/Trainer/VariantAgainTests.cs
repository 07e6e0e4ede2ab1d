using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Hosting;
using Mlops.Onnx;
using Mlops.Onnx.Format;
using Mlops.Registry.Facts;
using Mlops.Runs;
using Mlops.Tabular;
using Mlops.Trainer.Reproductions;
using Mlops.UnitTests.Onnx;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Trainer;

/// <summary>Variants that are compressed again, beside those that were stored: as they should be, changed, made otherwise, or of another original.</summary>
public sealed class VariantAgainTests : IDisposable
{
    private const string Same = "weights and preprocessing are the same, bit for bit, and so is the whole file";

    private static readonly byte[] Original = Network(seed: 1), Retrained = Network(seed: 2);

    private static readonly ModelSignature Signature = new()
    {
        Task = TaskKind.Regression,
        Inputs = [new TensorSignature { Name = "features", Datatype = "FP32", Shape = [-1, 2], Columns = ["x", "y"] }],
        Outputs = [new TensorSignature { Name = "value", Datatype = "FP32", Shape = [-1, 1] }],
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-variants-").FullName;
    private readonly FolderArtifactStore _artifacts;

    public VariantAgainTests() => _artifacts = new FolderArtifactStore(_folder);

    public static TheoryData<string> Methods => [.. CompressionSpec.AllMethods];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Variant_OfTheSameOriginal_IsIdentical_AndItsFileIsKept(string method)
    {
        var stored = CompressionMethods.Apply(method, Original);

        var again = await AgainAsync(method, stored, Original);

        (again.Verdict, again.Reason, again.IsOfStoredOriginal, again.Metrics.Count).ShouldBe((ReproductionVerdict.Identical, Same, true, 0));
        again.Digest.ShouldBe($"{ContentDigest.Of(stored)}");
        (await _artifacts.ExistsAsync(ContentDigest.Parse(again.Digest!), Stop)).ShouldBeTrue();
    }

    /// <summary>Weights in 8 or 16 bits are what a variant consists of: one bit of one of them is found.</summary>
    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Variant_OfWhichOneBitWasChanged_IsNotIdentical(string method)
    {
        var model = OnnxFile.Parse(CompressionMethods.Apply(method, Original));
        var weights = model.Graph.Initializer.First(tensor => tensor.DataType != (int)TensorProto.Types.DataType.Float && tensor.RawData.Length > 1);
        var bytes = weights.RawData.ToByteArray();
        bytes[0] ^= 1;
        weights.RawData = Google.Protobuf.ByteString.CopyFrom(bytes);

        var again = await AgainAsync(method, OnnxFile.Write(model), Original);

        again.Verdict.ShouldBe(ReproductionVerdict.Equivalent);
        again.Reason.ShouldStartWith("the files differ, metrics by at most ");
        again.Reason.ShouldEndWith("within the tolerated 0.01: nothing that is recorded of how they were compressed differs");
        again.IsOfStoredOriginal.ShouldBe(false);
        again.Metrics.Keys.ShouldContain(MetricNames.Rmse);
    }

    [Fact]
    public async Task Variant_MadeByAnotherMethodThanItSays_IsNotIdentical()
    {
        var again = await AgainAsync(CompressionSpec.Int8Dynamic, CompressionMethods.Apply(CompressionSpec.Float16, Original), Original);

        again.Verdict.ShouldNotBe(ReproductionVerdict.Identical);
        again.Reason.ShouldStartWith("the files differ");
        again.IsOfStoredOriginal.ShouldBe(false);
    }

    [Fact]
    public async Task Variant_OfAnOriginalThatBecameAnother_SaysThatTheCompressionIsNotToBlame()
    {
        var again = await AgainAsync(CompressionSpec.Float16, CompressionMethods.Apply(CompressionSpec.Float16, Original), Retrained);

        again.Verdict.ShouldBe(ReproductionVerdict.Different);
        again.Reason.ShouldEndWith(": the original was not rebuilt bit for bit, and so neither could this be; compressing the stored original gives the stored variant");
        again.IsOfStoredOriginal.ShouldBe(true);
    }

    [Fact]
    public async Task Variant_OfNeitherOriginal_IsToldApart()
    {
        var again = await AgainAsync(CompressionSpec.Float16, CompressionMethods.Apply(CompressionSpec.Float16, Network(seed: 3)), Retrained, codeVersion: "0.9");

        again.Verdict.ShouldBe(ReproductionVerdict.Different);
        again.Reason.ShouldEndWith($": the original was not rebuilt bit for bit, and compressing the stored one does not give the stored variant either: the code was 0.9 and is {CodeVersion.Current}");
        again.IsOfStoredOriginal.ShouldBe(false);
    }

    [Fact]
    public async Task Variant_WhoseFileIsGone_SaysSo()
    {
        var stored = CompressionMethods.Apply(CompressionSpec.Float16, Original);
        var version = VersionOf(CompressionSpec.Float16, ContentDigest.Of(stored));

        var again = await new VariantAgain(_artifacts).OfAsync(new StoredVariant(version, Compressed()), Original, Rebuilt(Original), Inputs(), Stop);

        (again.Verdict, again.Digest, again.IsOfStoredOriginal).ShouldBe((ReproductionVerdict.Failed, null, null));
        again.Reason.ShouldContain(version.Digest);
    }

    [Fact]
    public async Task Variant_WithoutItsOriginalAgain_IsStillHeldAgainstTheStoredOne()
    {
        var original = (await _artifacts.PutAsync(Original, Stop)).Digest.ToString();
        var own = await PutAsync(CompressionSpec.Float16, CompressionMethods.Apply(CompressionSpec.Float16, Original));
        var strange = await PutAsync(CompressionSpec.Float16, CompressionMethods.Apply(CompressionSpec.Float16, Retrained));
        var variants = new VariantAgain(_artifacts);

        (await variants.WithoutOriginalAsync(own, original, Stop)).ShouldSatisfyAllConditions(
            again => again.Verdict.ShouldBe(ReproductionVerdict.Failed),
            again => again.Reason.ShouldBe("its original was not made again; compressing the stored original gives the stored variant"),
            again => again.IsOfStoredOriginal.ShouldBe(true));
        (await variants.WithoutOriginalAsync(strange, original, Stop)).ShouldSatisfyAllConditions(
            again => again.Verdict.ShouldBe(ReproductionVerdict.Failed),
            again => again.Reason.ShouldBe("its original was not made again; compressing the stored original does not give the stored variant"),
            again => again.IsOfStoredOriginal.ShouldBe(false));
        (await variants.WithoutOriginalAsync(own, new string('0', 64), Stop)).ShouldSatisfyAllConditions(
            again => again.Reason.ShouldStartWith("its original was not made again, and the stored one cannot be compressed: "),
            again => again.IsOfStoredOriginal.ShouldBeNull());
    }

    private async Task<VariantReproduction> AgainAsync(string method, byte[] stored, byte[] rebuilt, string? codeVersion = null) =>
        await new VariantAgain(_artifacts).OfAsync(await PutAsync(method, stored, codeVersion), Original, Rebuilt(rebuilt), Inputs(), Stop);

    private async Task<StoredVariant> PutAsync(string method, byte[] stored, string? codeVersion = null) =>
        new(VersionOf(method, (await _artifacts.PutAsync(stored, Stop)).Digest), Compressed(codeVersion));

    private static RebuiltOriginal Rebuilt(byte[] onnx) => new(onnx, Signature, ModelDifference.Between(Original, onnx));

    private static ModelVersion VersionOf(string method, ContentDigest digest) => new()
    {
        Id = Guid.Empty,
        Name = "z",
        Version = 2,
        Digest = digest.ToString(),
        Bytes = 1,
        Signature = Signature,
        Method = method,
        ParentId = Guid.Empty,
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    private static Compression Compressed(string? codeVersion = null) => new()
    {
        Id = Guid.Empty,
        ParentModelVersionId = Guid.Empty,
        PipelineRunId = Guid.Empty,
        Measurements = [],
        Skipped = [],
        Backend = CompressionMethods.Backend,
        CodeVersion = codeVersion ?? CodeVersion.Current,
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    private static TrainingRows Inputs()
    {
        var rows = new Table([new NumericColumn("x", [1, -2, 0.5]), new NumericColumn("y", [3, 1, -1]), new NumericColumn("z", [0.5, 1, -2])]);
        return new TrainingRows(null!, null!, PipelineSpec.Parse("""{"task":"regression","target":"z"}""", "z"), rows, rows, rows);
    }

    private static byte[] Network(int seed) => OnnxFile.Write(Networks.Mlp(new Networks(seed).Layers(2, 8, 1)));
}
