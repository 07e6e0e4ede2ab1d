using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Tabular;

public sealed class ModelAgainstTableTests
{
    private const string Data = "x,t,y\n1,a,u\n256,b,v\n3,c,u\n";

    private static readonly ModelSignature Fits = new()
    {
        Task = TaskKind.Classification,
        Inputs = [Input("x", "FP32", 1, "x"), Input("t", "BYTES", 1, "t")],
        Outputs = [new TensorSignature { Name = "label", Datatype = "INT64", Shape = [-1] }, new TensorSignature { Name = "probabilities", Datatype = "FP32", Shape = [-1, 2] }],
        Classes = ["u", "v"],
    };

    [Fact]
    public void Check_AModelThatFits_Passes() => Should.NotThrow(() => Check(Fits));

    [Fact]
    public void Check_AModelThatDoesNot_FaultSaysEverything() => Message(Fits with
    {
        Inputs = [Input("x", "FP32", 2, "x"), Input("t", "FP32", 1, "t"), Input("z", "FP32", 1, "z"), Input("y", "BYTES", 1, "y"), Input("none", "BF16", 1), Input("whole", "UINT8", 1, "x")],
        Outputs = [new TensorSignature { Name = "variable", Datatype = "FP32", Shape = [-1, 1] }],
        Classes = [],
    }).ShouldBe(
        "model.classes: none are registered; a model version whose classes are, in the order of its probabilities, is accepted; "
        + "model.inputs.x: shape [-1, 2] is not accepted for 1 columns; [-1, 1] is; "
        + "model.inputs.t: column 't' is categorical; numbers are accepted; "
        + "model.inputs.z: there is no column 'z'; there are x, t, y; "
        + "model.inputs.y: it holds 'y', which is the target; "
        + "model.inputs.none: BF16 is not accepted; BOOL, FP16, FP32, FP64, INT16, INT32, INT64, INT8, UINT16, UINT32, UINT64, UINT8 for numbers and BYTES for texts are; "
        + "model.inputs.none: no columns are registered for it; a model version whose columns are is accepted; "
        + "model.inputs.whole: column 'x', row 2: 256; whole numbers from 0 to 255 (UINT8) are accepted; "
        + "model.outputs: none is named label; an output of that name is accepted beside others (there are variable); "
        + "model.outputs: none is named probabilities; an output of that name is accepted beside others (there are variable)");

    public static TheoryData<string, string, long[], string> Outputs() => new()
    {
        { "label", "FP32", [-1], "model.outputs.label: FP32 is not accepted; BYTES or INT64 or INT32 is" },
        { "probabilities", "INT64", [-1, 2], "model.outputs.probabilities: INT64 is not accepted; FP32 or FP64 is" },
        { "probabilities", "FP32", [-1, 3], "model.classes: 2 are registered for 3 probabilities a row; a class for each is accepted" },
    };

    [Theory]
    [MemberData(nameof(Outputs))]
    public void Check_OutputThatCannotBeRead_FaultSaysSo(string name, string datatype, long[] shape, string problem) => Message(Fits with
    {
        Outputs = [.. Fits.Outputs.Where(output => output.Name != name), new TensorSignature { Name = name, Datatype = datatype, Shape = shape }],
    }).ShouldBe(problem);

    [Fact]
    public void Check_SeveralRowsAtOnce_FaultSaysSo() => Message(Fits with { Inputs = [Input("x", "FP32", 1, "x") with { Shape = [8, 1] }, Fits.Inputs[1]] })
        .ShouldBe("model.inputs.x: shape [8, 1] is 8 rows at once, which is not accepted; any number of rows (-1), or one, is");

    [Fact]
    public void Check_AnotherTask_FaultNamesTheModels() => Message(Fits with { Task = TaskKind.Regression, Outputs = [new TensorSignature { Name = "value", Datatype = "FP32", Shape = [-1, 1] }] })
        .ShouldBe("task: classification is not accepted; the model's task, regression, is");

    private static string Message(ModelSignature signature) => Should.Throw<Fault>(() => Check(signature)).Message;

    private static void Check(ModelSignature signature)
    {
        var spec = PipelineSpec.Parse("""{ "task": "classification", "target": "y" }""", "given");
        ModelAgainstTable.Check(signature, spec, Csv.Read(Data, CsvOptions.For(spec)));
    }

    private static TensorSignature Input(string name, string datatype, long width, params string[] columns) =>
        new() { Name = name, Datatype = datatype, Shape = [-1, width], Columns = columns };
}
