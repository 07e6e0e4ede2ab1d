using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Onnx;
using Mlops.Onnx.Certificates;
using Mlops.Onnx.Format;
using Mlops.Scoring;
using Mlops.Tabular;
using Mlops.Trainer;
using Mlops.UnitTests.Training.Trees;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Training;

/// <summary>The certificate in the models that the trainer stores.</summary>
[Collection(TrainingCollection.Name)]
public sealed class CertifiedModelTests
{
    private static readonly Table Rows = Given.Mixed(200, seed: 1);

    [Fact]
    public void Certify_MixedColumns_StoresSamplesThatAnyoneCanCheck()
    {
        using var model = Given.Train(Given.Classification("species"), Rows);

        var certified = Parity.Certify(model, model.ToOnnx());

        var certificate = certified.Certificate;
        (certificate.Samples, certificate.Reference, certificate.Opset, certificate.Tolerance).ShouldBe((8, model.Backend, 17, 1e-4));
        certificate.Runtime.ShouldMatch(@"^ONNX Runtime \d+\.\d+\.\d+$");
        certificate.LargestAbsolute.ShouldBeLessThan(1e-5);
        using var runner = new TensorRunner();
        ParityCertificate.Check(certified.Bytes, runner.Run).Problems.ShouldBeEmpty();
        using var scorer = new OnnxScorer(certified.Bytes, model.Signature);
        scorer.Score(Rows).Outputs.ToArray().ShouldBe(model.Predict(Rows), 1e-5);
    }

    [Fact]
    public void Certify_MixedColumns_MakesUpRowsLikeTheData()
    {
        using var model = Given.Train(Given.Classification("species"), Rows);

        var inputs = MadeUpSamples.Of(model).Inputs.ToDictionary(tensor => tensor.Name);

        inputs.Keys.ShouldBe(["length", "island", "mass"]);
        var masses = Tensors.Floats(inputs["mass"]);
        masses.ShouldContain(mass => float.IsNaN(mass));
        masses.Where(mass => !float.IsNaN(mass)).ShouldAllBe(mass => mass > 500 && mass < 7_500);
        masses.Intersect(((NumericColumn)Rows["mass"]).Values.ToArray().Select(mass => (float)mass)).ShouldBeEmpty();
        string[] islands = [.. inputs["island"].StringData.Select(text => text.ToStringUtf8())];
        islands.Except(["Biscoe", "Dream", "Torgersen", "", "no such text"]).ShouldBeEmpty();
        islands.Distinct().Count().ShouldBeGreaterThan(2);
    }

    [Fact]
    public void Certify_EqualTrainings_GivesEqualBytes()
    {
        byte[] Train()
        {
            using var model = Given.Train(Given.Classification("species"), Rows);
            return Parity.Certify(model, model.ToOnnx()).Bytes;
        }

        Convert.ToHexString(Train()).ShouldBe(Convert.ToHexString(Train()));
    }

    [Fact]
    public void Certify_Trees_ComparesWithOurWalkThroughThem()
    {
        using var model = Given.Train(GivenTrees.Classifier("species"), Rows);

        Parity.Certify(model, model.ToOnnx()).Certificate.Reference.ShouldStartWith("LightGBM ");
    }

    [Fact]
    public void Certify_ManyColumns_StoresFewerRows()
    {
        using var model = Given.Train(
            Given.Regression("y0") with { Model = new LinearSpec() }, Given.Matrices(20, (Oracle.Normals(1, 20_000), 1_000), (Oracle.Normals(2, 20), 1)));

        Parity.Certify(model, model.ToOnnx()).Certificate.Samples.ShouldBe(1);
    }

    [Fact]
    public void Certify_OtherWeights_Faults()
    {
        using var model = Given.Train(Given.Regression("y0") with { Model = new LinearSpec() }, Given.Matrices(20, (Oracle.Normals(1, 40), 2), (Oracle.Normals(2, 20), 1)));
        var other = OnnxFile.Parse(model.ToOnnx());
        other.Graph.Initializer.Single(tensor => tensor.Name.StartsWith("network/weight", StringComparison.Ordinal)).RawData = Tensors.Of("", [3f, 4f], 2, 1).RawData;

        Should.Throw<Fault>(() => Parity.Certify(model, OnnxFile.Write(other))).Problems[0].Field.ShouldBe("parity");
    }

    [Fact]
    public void TensorRunner_WhatItCannotRun_Faults()
    {
        using var model = Given.Train(Given.Regression("y0") with { Model = new LinearSpec() }, Given.Matrices(20, (Oracle.Normals(1, 40), 2), (Oracle.Normals(2, 20), 1)));
        using var runner = new TensorRunner();
        var onnx = model.ToOnnx();

        runner.Run(onnx, [Tensors.Of("features", [1f, 2f], 1, 2)]).ShouldHaveSingleItem().Dims.ShouldBe([1, 1]);
        Should.Throw<Fault>(() => runner.Run(onnx, [Tensors.Of("features", [1f, 2f, 3f], 1, 3)])).Problems[0].Field.ShouldBe("model");
        Should.Throw<Fault>(() => runner.Run(onnx, [Tensors.Of("features", [(Half)1], 1, 1)])).Message.ShouldBe("features: a tensor of Float16; Float, Int64 and String are accepted");
        Should.Throw<Fault>(() => runner.Run([1], [])).Problems[0].Field.ShouldBe("model");
    }

    [Fact]
    public void TensorRunner_AnotherModel_IsLoaded()
    {
        using var runner = new TensorRunner();

        foreach (var seed in new ulong[] { 1, 2, 1 })
        {
            using var model = Given.Train(Given.Regression("y0") with { Model = new LinearSpec() }, Given.Matrices(20, (Oracle.Normals(seed, 40), 2), (Oracle.Normals(9, 20), 1)));
            IReadOnlyList<TensorProto> outputs = runner.Run(model.ToOnnx(), [Tensors.Of("features", [1f, 2f], 1, 2)]);
            Tensors.Floats(outputs[0]).ShouldBe(model.Predict(Given.Matrices(1, ([1, 2], 2), ([], 0))), 1e-5);
        }
    }
}
