using Mlops.Contracts;
using Mlops.Onnx;
using Mlops.Onnx.Format;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Onnx;

public sealed class OnnxFileTests
{
    private static ModelProto Model() => new Networks(1).Mixed();

    [Fact]
    public void Parse_WrittenModel_IsTheSame() => OnnxFile.Parse(OnnxFile.Write(Model())).ShouldBe(Model());

    [Fact]
    public void Write_EqualModels_GivesEqualBytes() => OnnxFile.Write(Model()).ShouldBe(OnnxFile.Write(OnnxFile.Parse(OnnxFile.Write(Model()))));

    [Fact]
    public void Parse_NoBytes_SaysEmpty() => Problem([]).ShouldContain("empty");

    [Fact]
    public void Parse_Text_SaysNoProtobuf() => Problem("sepal_length,sepal_width\n5.1,3.5\n"u8).ShouldContain("no protobuf message");

    [Fact]
    public void Parse_CutFile_SaysNoProtobuf()
    {
        var bytes = OnnxFile.Write(Model());
        Problem(bytes.AsSpan(0, bytes.Length / 2)).ShouldContain("no protobuf message");
    }

    [Fact]
    public void Parse_OtherMessage_NamesWhatIsMissing() =>
        // Field 2, a text of 2 bytes: a valid message of nearly any kind.
        Problem([0x12, 2, (byte)'h', (byte)'i']).ShouldBe("a protobuf message without an IR version, a graph, an operator set; an ONNX model is accepted");

    private static string Problem(ReadOnlySpan<byte> bytes)
    {
        try
        {
            OnnxFile.Parse(bytes);
        }
        catch (Fault fault)
        {
            fault.Kind.ShouldBe(FaultKind.Invalid);
            return fault.Problems.ShouldHaveSingleItem().Message;
        }
        throw new ShouldAssertException("no fault");
    }
}
