using System.Text.Json.Serialization;
using Google.Protobuf;
using Grpc.Core;
using Mlops.Client;
using Mlops.Client.Mapping;
using Mlops.Protos;
using Shouldly;
using Xunit;
using static Mlops.UnitTests.Inference.Requests;
using Output = Mlops.Protos.ModelInferResponse.Types.InferOutputTensor;

namespace Mlops.UnitTests.Client;

/// <summary>Answers against the types of results; the answers' bytes are what the protocol says of raw contents.</summary>
public sealed class ResultMappingsTests
{
    private static readonly TensorMetadata Label = new("label", "BYTES", [-1]);
    private static readonly TensorMetadata Probabilities = new("probabilities", "FP32", [-1, 2]);
    private static readonly TensorMetadata Value = new("value", "FP32", [-1, 1]);

    private static readonly ModelInferResponse Classes = Answer(
        ("label", "BYTES", [2], [3, 0, 0, 0, (byte)'c', (byte)'a', (byte)'t', 3, 0, 0, 0, (byte)'d', (byte)'o', (byte)'g']), ("probabilities", "FP32", [2, 2], Bytes(0.75f, 0.25f, 0.5f, 0.5f)));

    [Fact]
    public void Text_OfAClassification_IsTheLabel() => Read<string>(Classes, 2, Label, Probabilities).ShouldBe(["cat", "dog"]);

    [Fact]
    public void Enum_OfAClassification_IsTheLabelsMember() => Read<Pet>(Classes, 2, Label, Probabilities).ShouldBe([Pet.Cat, Pet.Hound]);

    [Fact]
    public void List_OfAClassification_IsTheProbabilities() => Read<IReadOnlyList<double>>(Classes, 2, Label, Probabilities).ShouldBe([[0.75, 0.25], [0.5, 0.5]]);

    [Fact]
    public void Number_OfARegression_IsTheValue()
    {
        var answer = Answer(("value", "FP32", [2, 1], Bytes(1.5f, -2f)));
        Read<float>(answer, 2, Value).ShouldBe([1.5f, -2]);
        Read<double?>(answer, 2, Value).ShouldBe([1.5, -2]);
        Read<decimal>(answer, 2, Value).ShouldBe([1.5m, -2]);
    }

    [Fact]
    public void Number_AmongSeveralThatFit_IsTheOneCalledValue() =>
        Read<float>(Answer(("spread", "FP32", [1], Bytes(3f)), ("value", "FP32", [1], Bytes(4f))), 1, new("spread", "FP32", [-1]), Value).ShouldBe([4]);

    [Fact]
    public void Record_WithAConstructor_GetsOutputsAndTheModelsOrigin()
    {
        var id = new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        var answer = Classes.Clone();
        (answer.ModelName, answer.ModelVersion) = ("pets", "7");
        answer.Parameters.Add("artifact_digest", new InferParameter { StringParam = "abc" });
        answer.Parameters.Add("pipeline_run_id", new InferParameter { StringParam = id.ToString() });

        var results = Read<Answered>(answer, 2, Label, Probabilities);

        results[1].ShouldBe(results[0] with { Label = Pet.Hound, Shares = results[1].Shares });
        results[1].Shares.ShouldBe([0.5f, 0.5f]);
        results[0].ShouldBe(new Answered(Pet.Cat, results[0].Shares, "7", "abc", id, null));
    }

    [Fact]
    public void Class_WithSetters_GetsWhatItAsksFor()
    {
        var mapping = ResultMappings.Make<Settable>(Model(Label, Probabilities));
        mapping.Outputs.ShouldBe(["label"]);
        var result = mapping.Read(Classes, 2)[0];
        (result.Label, result.Note, result.IsCat).ShouldBe(("cat", "kept", true));
    }

    [Fact]
    public void Struct_WithSetters_GetsWhatItAsksFor() => Read<Pair>(Classes, 2, Label, Probabilities)[1].Label.ShouldBe("dog");

    [Theory]
    [InlineData("INT8", new byte[] { 0xFE })]
    [InlineData("INT16", new byte[] { 0xFE, 0xFF })]
    [InlineData("INT32", new byte[] { 0xFE, 0xFF, 0xFF, 0xFF })]
    [InlineData("INT64", new byte[] { 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF })]
    [InlineData("FP16", new byte[] { 0, 0xC0 })]
    [InlineData("FP32", new byte[] { 0, 0, 0, 0xC0 })]
    [InlineData("FP64", new byte[] { 0, 0, 0, 0, 0, 0, 0, 0xC0 })]
    public void Number_OfEachDatatype_IsRead(string datatype, byte[] bytes) =>
        Read<double>(Answer(("y", datatype, [1], bytes)), 1, new TensorMetadata("y", datatype, [-1])).ShouldBe([-2]);

    [Fact]
    public void Truth_OfABool_IsRead() => Read<bool>(Answer(("y", "BOOL", [2], [1, 0])), 2, new TensorMetadata("y", "BOOL", [-1])).ShouldBe([true, false]);

    [Fact]
    public void Contents_ThatAreNotRaw_AreReadAsWell()
    {
        var answer = new ModelInferResponse();
        answer.Outputs.Add(new Output { Name = "label", Datatype = "BYTES", Shape = { 2 }, Contents = new InferTensorContents { BytesContents = { ByteString.CopyFromUtf8("cat"), ByteString.CopyFromUtf8("dog") } } });
        answer.Outputs.Add(new Output { Name = "probabilities", Datatype = "FP32", Shape = { 2, 2 }, Contents = new InferTensorContents { Fp32Contents = { 0.75f, 0.25f, 0.5f, 0.5f } } });
        answer.Outputs.Add(new Output { Name = "code", Datatype = "INT16", Shape = { 2 }, Contents = new InferTensorContents { IntContents = { 1, -2 } } });
        answer.Outputs.Add(new Output { Name = "sure", Datatype = "BOOL", Shape = { 2 }, Contents = new InferTensorContents { BoolContents = { true, false } } });

        var results = Read<Everything>(answer, 2, Label, Probabilities, new("code", "INT16", [-1]), new("sure", "BOOL", [-1]));

        results.Select(result => (result.Label, result.Code, result.Sure)).ShouldBe([("cat", 1, true), ("dog", -2, false)]);
        results.Select(result => result.Probabilities).ShouldBe([[0.75f, 0.25f], [0.5f, 0.5f]]);
    }

    [Fact]
    public void Type_ThatDoesNotFit_IsToldAllAtOnce() =>
        Refusal<Unfit>(Label, Probabilities).ShouldBe("results of type 'Unfit' do not fit model 'm': "
            + "property 'Score' means no output; accepted: label, probabilities, model_name, model_version, artifact_digest, model_version_id, pipeline_run_id, or [JsonIgnore] on the property; "
            + "property 'Label' is Int32, and output 'label' is BYTES [-1]; accepted: a string or enum; "
            + "property 'Probabilities' is Single, and output 'probabilities' is FP32 [-1,2]; accepted: Single, Double, Half or Decimal, or an array of it for all of a row's; "
            + "property 'ModelVersion' is Int32, and output 'model_version' is a text; accepted: a string or Guid?");

    [Fact]
    public void Value_ThatNoOutputIs_SaysWhatThereIs() =>
        Refusal<float>(Label, Probabilities).ShouldBe("results of type 'Single' do not fit model 'm': no output is such a value; it gives 'label' BYTES [-1], 'probabilities' FP32 [-1,2]");

    [Fact]
    public void Value_ThatSeveralOutputsAre_AsksForAType() =>
        Refusal<float>(new("a", "FP32", [-1]), new("b", "FP32", [-1])).ShouldBe("results of type 'Single' do not fit model 'm': 2 outputs are such values; accepted: a type with a property for each that is wanted: 'a' FP32 [-1], 'b' FP32 [-1]");

    [Fact]
    public void Type_ThatCannotBeMade_SaysWhatIsAccepted() =>
        Refusal<IDisposable>(Label).ShouldBe("results of type 'IDisposable' do not fit model 'm': it is not known how one is made; accepted: a record, class or struct with one public constructor, or one without parameters");

    [Fact]
    public void Type_WhoseConstructorWantsMore_NamesTheParameter() =>
        Refusal<WantsMore>(Label).ShouldBe("results of type 'WantsMore' do not fit model 'm': parameter 'length' of its constructor belongs to no property; accepted: a property of the same name and type, or a default value");

    [Fact]
    public void Answer_ThatTheTypeHasNot_NamesRowOutputAndType()
    {
        var failure = Should.Throw<InferenceException>(() => Read<Cats>(Classes, 2, Label, Probabilities));
        (failure.Status, failure.Message).ShouldBe((StatusCode.OutOfRange, "row 2: the server answered 'dog' as 'label', which Cats does not have"));
    }

    [Theory]
    [InlineData("FP32", new byte[] { 1, 2, 3 }, "the server answered with 3 bytes of FP32 as 'y', which this client cannot read")]
    [InlineData("FP32", new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, "the server answered with 3 values of 'y' for 2 rows, which this client cannot read")]
    [InlineData("FP32", new byte[] { }, "the server answered with 0 values of 'y' for 2 rows, which this client cannot read")]
    [InlineData("FP64", new byte[] { 0, 0, 0, 0, 0, 0, 0, 0 }, "the server answered with FP64 as 'y', which this client cannot read")]
    [InlineData("FP32", new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, "the server answered with 2 values a row as 'y', where one is expected, which this client cannot read")]
    public void Answer_OtherThanPromised_IsTheServersFault(string datatype, byte[] bytes, string message)
    {
        var failure = Should.Throw<InferenceException>(() => Read<float>(Answer(("y", datatype, [2], bytes)), 2, new TensorMetadata("y", "FP32", [-1, -1])));
        (failure.Status, failure.Message).ShouldBe((StatusCode.Internal, message));
    }

    private static IReadOnlyList<TResult> Read<TResult>(ModelInferResponse answer, int rows, params TensorMetadata[] outputs) => ResultMappings.Make<TResult>(Model(outputs)).Read(answer, rows);

    private static string Refusal<TResult>(params TensorMetadata[] outputs)
    {
        var refusal = Should.Throw<InferenceException>(() => ResultMappings.Make<TResult>(Model(outputs)));
        refusal.Status.ShouldBe(StatusCode.InvalidArgument);
        return refusal.Message;
    }

    private static ModelMetadata Model(params TensorMetadata[] outputs) => new("m", ["1"], "", [], outputs);

    private static ModelInferResponse Answer(params (string Name, string Datatype, long[] Shape, byte[] Raw)[] outputs)
    {
        var answer = new ModelInferResponse();
        foreach (var (name, datatype, shape, raw) in outputs)
        {
            answer.Outputs.Add(new Output { Name = name, Datatype = datatype, Shape = { shape } });
            answer.RawOutputContents.Add(ByteString.CopyFrom(raw));
        }

        return answer;
    }

    private enum Pet
    {
        Cat,
        [JsonStringEnumMemberName("dog")]
        Hound,
    }

    private enum Cats
    {
        Cat,
    }

    private sealed record Answered(Pet Label, [property: JsonPropertyName("probabilities")] float[] Shares, string ModelVersion, string ArtifactDigest, Guid? PipelineRunId, Guid? ModelVersionId);

    private sealed class Settable
    {
        public string Label { get; set; } = "";

        [JsonIgnore]
        public string Note { get; set; } = "kept";

        public bool IsCat => Label == "cat";
    }

    private struct Pair
    {
        public string Label { get; set; }
    }

    private sealed record Everything(string Label, float[] Probabilities, int Code, bool Sure);

    private sealed record Unfit(int Label, float Probabilities, float Score, int ModelVersion);

    private sealed class WantsMore(string label, int length)
    {
        public string Label { get; } = label;

        [JsonIgnore]
        public int Width { get; } = length;
    }
}
