using System.Text;
using System.Text.Json.Serialization;
using Grpc.Core;
using Mlops.Client;
using Mlops.Client.Mapping;
using Mlops.Protos;
using Shouldly;
using Xunit;
using static Mlops.UnitTests.Inference.Requests;

namespace Mlops.UnitTests.Client;

/// <summary>Rows of a type against what a model takes; the expected bytes are what the protocol says of raw contents.</summary>
public sealed class TypedRowsTests
{
    private static readonly TensorMetadata Features = new("features", "FP32", [-1, 3]);

    [Fact]
    public void Row_OfAModelOfColumns_GoesToTheInputsOfItsNames()
    {
        var request = Write([new Penguin(Island.Torgersen, 39.1f, null, "male"), new Penguin(Island.Dream, null, 3, null)],
            new("sex", "BYTES", [-1, 1]), new("bill_length_mm", "FP32", [-1, 1]), new("island", "BYTES", [-1]), new("toes", "FP64", [-1, 1]));

        request.Inputs.Select(input => (input.Name, input.Datatype, string.Join(',', input.Shape)))
            .ShouldBe([("sex", "BYTES", "2,1"), ("bill_length_mm", "FP32", "2,1"), ("island", "BYTES", "2"), ("toes", "FP64", "2,1")]);
        request.RawInputContents.Select(contents => contents.ToByteArray())
            .ShouldBe([Texts("male", ""), Bytes(39.1f, float.NaN), Texts("Torgersen", "dream-island"), Bytes(double.NaN, 3)]);
    }

    [Fact]
    public void Row_OfAStruct_TakesItsProperties() =>
        Write([new Point { X = 1, Y = 2 }], new("x", "FP32", [-1, 1]), new("y", "FP32", [-1, 1])).RawInputContents.Select(contents => contents.ToByteArray())
            .ShouldBe([Bytes(1f), Bytes(2f)]);

    [Fact]
    public void Row_WhoseColumnsTheServerTells_IsSentInTheModelsOrder() =>
        Write([new Flower(1, 2, 3)], Features with { Columns = ["petal_length", "sepal_length", "sepal_width"] }).RawInputContents.ShouldHaveSingleItem().ToByteArray()
            .ShouldBe(Bytes(3f, 1, 2));

    [Fact]
    public void Row_WhoseColumnsTheOptionsTell_IsSentInTheModelsOrder() =>
        WriteTold([new Flower(1, 2, 3)], ["petal_length", "sepal_length", "sepal_width"], Features).RawInputContents.ShouldHaveSingleItem().ToByteArray()
            .ShouldBe(Bytes(3f, 1, 2));

    [Fact]
    public void Row_WhoseColumnsBothTell_IsSentInTheServersOrder() =>
        WriteTold([new Flower(1, 2, 3)], ["sepal_length", "sepal_width", "petal_length"], Features with { Columns = ["petal_length", "sepal_length", "sepal_width"] })
            .RawInputContents.ShouldHaveSingleItem().ToByteArray().ShouldBe(Bytes(3f, 1, 2));

    [Fact]
    public void Row_WhoseColumnsNobodyTells_IsSentInTheDeclaredOrder()
    {
        var request = Write([new Flower(1, 2, 3), new Flower(4, 5, null)], Features);
        request.Inputs.ShouldHaveSingleItem().Shape.ShouldBe([2, 3]);
        request.RawInputContents.ShouldHaveSingleItem().ToByteArray().ShouldBe(Bytes(1f, 2, 3, 4, 5, float.NaN));
    }

    [Fact]
    public void Row_WithAListProperty_FillsAnInputOfManyValues()
    {
        var request = Write([new Picture([1, 2, 3, 4, 5, 6], "a"), new Picture([7, 8, 9, 10, 11, 12], "b")], new("pixels", "FP32", [-1, 2, -1]), new("name", "BYTES", [-1, 1]));
        request.Inputs[0].Shape.ShouldBe([2, 2, 3]);
        request.RawInputContents[0].ToByteArray().ShouldBe(Bytes(1f, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
    }

    [Theory]
    [InlineData("INT8", new byte[] { 7 })]
    [InlineData("UINT8", new byte[] { 7 })]
    [InlineData("INT16", new byte[] { 7, 0 })]
    [InlineData("UINT16", new byte[] { 7, 0 })]
    [InlineData("INT32", new byte[] { 7, 0, 0, 0 })]
    [InlineData("UINT32", new byte[] { 7, 0, 0, 0 })]
    [InlineData("INT64", new byte[] { 7, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData("UINT64", new byte[] { 7, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData("FP16", new byte[] { 0, 0x47 })]
    [InlineData("FP32", new byte[] { 0, 0, 0xE0, 0x40 })]
    [InlineData("FP64", new byte[] { 0, 0, 0, 0, 0, 0, 0x1C, 0x40 })]
    [InlineData("BYTES", new byte[] { 1, 0, 0, 0, (byte)'7' })]
    public void Whole_InEachDatatype_HasTheProtocolsBytes(string datatype, byte[] bytes) =>
        Write([new Rooms(7)], new TensorMetadata("rooms", datatype, [-1, 1])).RawInputContents.ShouldHaveSingleItem().ToByteArray().ShouldBe(bytes);

    [Theory]
    [InlineData("BOOL", new byte[] { 1 })]
    [InlineData("INT8", new byte[] { 1 })]
    [InlineData("FP32", new byte[] { 0, 0, 0x80, 0x3F })]
    public void Truth_InEachDatatypeThatTakesIt_IsOne(string datatype, byte[] bytes) =>
        Write([new Truth(true)], new TensorMetadata("it", datatype, [-1, 1])).RawInputContents.ShouldHaveSingleItem().ToByteArray().ShouldBe(bytes);

    [Fact]
    public void Type_ThatDoesNotFit_IsToldAllAtOnce() =>
        Refusal(() => Write([new Penguin(default, 1, 2, "")], new("bill_length_mm", "BYTES", [-1, 1]), new("island", "BYTES", [-1, 1]), new("toes", "INT64", [-1, 1]), new("weight", "FP32", [-1, 1])))
            .ShouldBe("rows of type 'Penguin' do not fit model 'm': "
                + "property 'Sex' means no input; accepted: bill_length_mm, island, toes, weight, or [JsonIgnore] on the property; "
                + "no property means input 'weight' FP32 [-1,1]; "
                + "property 'BillLength' ('bill_length_mm') is Single?, and input 'bill_length_mm' is BYTES; accepted: a string, char, enum or whole number");

    [Fact]
    public void Type_OfAnotherNumberOfProperties_SaysHowTheOrderCanBeTold() =>
        Refusal(() => Write([new Rooms(1)], Features)).ShouldBe("rows of type 'Rooms' do not fit model 'm': 'features' FP32 [-1,3] takes 3 columns whose names the server does not tell, and there are 1 properties; "
            + "accepted: one for each column, in the model's order, [JsonIgnore] on any other, or the columns' names in the option Columns");

    [Fact]
    public void Type_WithoutAColumnThatTheServerTells_NamesIt() =>
        Refusal(() => Write([new Flower(1, 2, 3)], Features with { Columns = ["sepal_length", "sepal_width", "petal_width"] }))
            .ShouldBe("rows of type 'Flower' do not fit model 'm': property 'PetalLength' means no column; accepted: sepal_length, sepal_width, petal_width, or [JsonIgnore] on the property; no property means column 'petal_width'");

    [Fact]
    public void Type_OfATruth_DoesNotFitTexts() =>
        Refusal(() => Write([new Truth(true)], new TensorMetadata("it", "BYTES", [-1, 1])))
            .ShouldBe("rows of type 'Truth' do not fit model 'm': property 'It' is Boolean, and input 'it' is BYTES; accepted: a string, char, enum or whole number");

    [Fact]
    public void Model_OfADatatypeThatIsNotKnown_IsRefused() =>
        Refusal(() => Write([new Rooms(1)], new TensorMetadata("rooms", "BF16", [-1, 1]))).ShouldStartWith("model 'm' takes 'rooms' BF16 [-1,1], which rows cannot be sent to; accepted: BYTES, BOOL, ");

    [Fact]
    public void Model_WithoutInputs_IsRefused() => Refusal(() => Write([new Rooms(1)])).ShouldBe("the server tells no inputs of model 'm', so that rows cannot be sent to it");

    [Fact]
    public void Value_MissingAmongWholeNumbers_IsNamedByRowPropertyAndColumn() =>
        Refusal(() => Write([new Penguin(default, 1, 2, ""), new Penguin(default, 1, null, "")], Inputs("toes", "INT8")))
            .ShouldBe("row 2, property 'Toes' for input 'toes': expected a whole number from -128 to 127, got nothing");

    [Fact]
    public void Value_OutsideItsRange_IsNamedByRowPropertyAndColumn() =>
        Refusal(() => Write([new Penguin(default, 1, 300, "")], Inputs("toes", "INT8"))).ShouldBe("row 1, property 'Toes' for input 'toes': expected a whole number from -128 to 127, got '300'");

    [Fact]
    public void Value_ThatItsEnumDoesNotDefine_IsNamedByRowPropertyAndColumn() =>
        Refusal(() => Write([new Penguin((Island)9, 1, 3, "")], Inputs("toes", "FP32"))).ShouldBe("row 1, property 'Island' for input 'island': expected a defined member of the enum, got '9'");

    [Fact]
    public void Row_ThatIsNothing_IsRefused() => Refusal(() => Write<Rooms>([new Rooms(1), null!], new TensorMetadata("rooms", "INT64", [-1]))).ShouldBe("row 2: expected a row, got nothing");

    [Fact]
    public void List_OfAnotherLength_IsRefused() =>
        Refusal(() => Write([new Picture([1, 2], ""), new Picture([1], "")], new("pixels", "FP32", [-1, -1]), new("name", "BYTES", [-1, 1]))).ShouldBe("row 2, input 'pixels': expected 2 values, got 1");

    [Fact]
    public void List_ForOneValueARow_IsRefused() =>
        Refusal(() => Write([new Picture([1], "")], new("pixels", "FP32", [-1, 1]), new("name", "BYTES", [-1, 1])))
            .ShouldBe("rows of type 'Picture' do not fit model 'm': property 'Pixels' is Single[], and input 'pixels' is FP32; accepted: a number or bool");

    [Fact]
    public void Rows_MoreThanTheModelTakesAtATime_AreRefused() =>
        Refusal(() => Write([new Rooms(1), new Rooms(2)], new TensorMetadata("rooms", "FP32", [1, 1]))).ShouldBe("model 'm' takes 1 rows at a time ('rooms' is FP32 [1,1]), got 2");

    private static TensorMetadata[] Inputs(string last, string datatype) =>
        [new("sex", "BYTES", [-1, 1]), new("bill_length_mm", "FP32", [-1, 1]), new("island", "BYTES", [-1, 1]), new(last, datatype, [-1, 1])];

    private static ModelInferRequest Write<TRow>(TRow[] rows, params TensorMetadata[] inputs) => WriteTold(rows, [], inputs);

    private static ModelInferRequest WriteTold<TRow>(TRow[] rows, string[] columns, params TensorMetadata[] inputs)
    {
        var request = new ModelInferRequest { ModelName = "m" };
        RowMappings.Make<TRow>(new ModelMetadata("m", ["1"], "", inputs, []), columns).Write(request, rows);
        return request;
    }

    private static string Refusal(Action write)
    {
        var refusal = Should.Throw<InferenceException>(write);
        refusal.Status.ShouldBe(StatusCode.InvalidArgument);
        return refusal.Message;
    }

    private static byte[] Texts(params string[] texts) =>
        [.. texts.SelectMany(text => Bytes(Encoding.UTF8.GetByteCount(text)).Concat(Encoding.UTF8.GetBytes(text)))];

    private enum Island
    {
        Torgersen,
        [JsonStringEnumMemberName("dream-island")]
        Dream,
    }

    private sealed record Penguin(Island Island, [property: JsonPropertyName("bill_length_mm")] float? BillLength, int? Toes, string? Sex);

    private sealed record Flower(float SepalLength, double SepalWidth, decimal? PetalLength)
    {
        [JsonIgnore]
        public bool IsLong => SepalLength > 6;
    }

    private struct Point
    {
        public float X { get; set; }

        public float Y { get; set; }
    }

    private sealed record Picture(float[] Pixels, string Name);

    private sealed record Rooms([property: JsonPropertyName("rooms")] int Number);

    private sealed record Truth(bool It);
}
