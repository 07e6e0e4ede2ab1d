using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Onnx;
using Mlops.Onnx.Format;
using Mlops.Tabular;
using Mlops.UnitTests.Training;
using Mlops.UnitTests.Training.Trees;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Onnx.Rows;

/// <summary>What the trainer exports and the compressor makes of it.</summary>
[Collection(TrainingCollection.Name)]
public sealed class OurModelsTests
{
    [Theory]
    [InlineData(Activation.Relu)]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Silu)]
    public void Classifier_OfNumbersAndTexts_AnswersEachRowForItself(Activation activation) =>
        ShouldBeProved(Given.Classification("species") with { Model = new MlpSpec { Hidden = [16, 8], Activation = activation } }, Given.Mixed(200, seed: 1));

    [Fact]
    public void Regression_OfNumbers_AnswersEachRowForItself() =>
        ShouldBeProved(Given.Regression("y0", "y1"), Given.Matrices(100, (Oracle.Normals(1, 300), 3), (Oracle.Normals(2, 200), 2)));

    [Theory]
    [InlineData(Normalization.None, false)]
    [InlineData(Normalization.Batch, true)]
    public void Cnn_AnswersEachRowForItself(Normalization normalization, bool average) => ShouldBeProved(
        Given.Regression("y0") with { Model = new CnnSpec { Shape = [1, 6, 6], Channels = [4, 8], Normalization = normalization, GlobalAveragePooling = average, Hidden = [16] } },
        Given.Matrices(60, (Oracle.Normals(1, 60 * 36), 36), (Oracle.Normals(2, 60), 1)));

    [Fact]
    public void Trees_AnswerEachRowForItself_AndHaveNothingToMakeSmaller()
    {
        using var trained = Given.Train(GivenTrees.Classifier("species"), Given.Mixed(200, seed: 1));
        var model = OnnxFile.Parse(trained.ToOnnx());

        ShouldBeProved(model, 1e-6);
        Should.Throw<Fault>(() => Float16Conversion.Apply(model)).Message.ShouldEndWith("without one there is nothing to convert");
        Should.Throw<Fault>(() => DynamicQuantization.Apply(model)).Message.ShouldEndWith("without one there is nothing to quantise");
    }

    private static void ShouldBeProved(PipelineSpec spec, Table table)
    {
        using var trained = Given.Train(spec, table);
        var model = OnnxFile.Parse(trained.ToOnnx());
        ShouldBeProved(model, 1e-6);
        // A sum in another order may be rounded to the next half.
        ShouldBeProved(Float16Conversion.Apply(model), 2e-3);

        var dynamic = DynamicQuantization.Apply(model);
        RowIndependence.WhyNot(dynamic).ShouldNotBeNull().ShouldEndWith("(DynamicQuantizeLinear) takes one range over the whole batch");
        Company.Changes(dynamic).ShouldNotBeNull("the refusal is not needed");
    }

    private static void ShouldBeProved(ModelProto model, double tolerance)
    {
        RowIndependence.WhyNot(model).ShouldBeNull();
        Company.Changes(model, tolerance: tolerance).ShouldBeNull();
    }
}
