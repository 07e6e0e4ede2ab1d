using Google.Protobuf;
using Mlops.Client;
using Mlops.Protos;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Client;

public sealed class PredictionReaderTests
{
    [Fact]
    public void Read_LabelsThatAreNumbers_AreTheirTexts()
    {
        var response = new ModelInferResponse { ModelName = "m", ModelVersion = "1" };
        response.Outputs.Add(new ModelInferResponse.Types.InferOutputTensor { Name = "label", Datatype = "INT64", Shape = { 2 } });
        response.RawOutputContents.Add(ByteString.CopyFrom([7, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255]));
        PredictionReader.Read(response, 2).Rows.Select(row => row.Label).ShouldBe(["7", "-1"]);
    }
}
