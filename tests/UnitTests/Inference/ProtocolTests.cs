using Google.Protobuf.Reflection;
using Mlops.Protos;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Inference;

/// <summary>The wire contract as the protocol publishes it: a number that moves breaks every client.</summary>
public sealed class ProtocolTests
{
    [Theory]
    [InlineData("ServerLiveResponse", "live=1:bool")]
    [InlineData("ServerReadyResponse", "ready=1:bool")]
    [InlineData("ModelReadyRequest", "name=1:string version=2:string")]
    [InlineData("ModelReadyResponse", "ready=1:bool")]
    [InlineData("ServerMetadataResponse", "name=1:string version=2:string extensions=3:string*")]
    [InlineData("ModelMetadataRequest", "name=1:string version=2:string")]
    [InlineData("ModelMetadataResponse", "name=1:string versions=2:string* platform=3:string inputs=4:message* outputs=5:message*")]
    [InlineData("ModelMetadataResponse.TensorMetadata", "name=1:string datatype=2:string shape=3:int64*")]
    [InlineData("ModelInferRequest", "model_name=1:string model_version=2:string id=3:string parameters=4:message* inputs=5:message* outputs=6:message* raw_input_contents=7:bytes*")]
    [InlineData("ModelInferRequest.InferInputTensor", "name=1:string datatype=2:string shape=3:int64* parameters=4:message* contents=5:message")]
    [InlineData("ModelInferRequest.InferRequestedOutputTensor", "name=1:string parameters=2:message*")]
    [InlineData("ModelInferResponse", "model_name=1:string model_version=2:string id=3:string parameters=4:message* outputs=5:message* raw_output_contents=6:bytes*")]
    [InlineData("ModelInferResponse.InferOutputTensor", "name=1:string datatype=2:string shape=3:int64* parameters=4:message* contents=5:message")]
    [InlineData("InferParameter", "bool_param=1:bool int64_param=2:int64 string_param=3:string double_param=4:double uint64_param=5:uint64")]
    [InlineData("InferTensorContents", "bool_contents=1:bool* int_contents=2:int32* int64_contents=3:int64* uint_contents=4:uint32* uint64_contents=5:uint64* fp32_contents=6:float* fp64_contents=7:double* bytes_contents=8:bytes*")]
    public void Message_Fields_AreTheProtocols(string message, string fields)
    {
        var found = Messages().Single(descriptor => descriptor.FullName == $"inference.{message}");
        string.Join(' ', found.Fields.InFieldNumberOrder().Select(Text)).ShouldBe(fields);
    }

    [Fact]
    public void Service_Methods_AreTheCoreOnes()
    {
        GRPCInferenceService.Descriptor.FullName.ShouldBe("inference.GRPCInferenceService");
        GRPCInferenceService.Descriptor.Methods.Select(method => method.Name)
            .ShouldBe(["ServerLive", "ServerReady", "ModelReady", "ServerMetadata", "ModelMetadata", "ModelInfer"], ignoreOrder: true);
        GRPCInferenceService.Descriptor.Methods.ShouldAllBe(method => !method.IsClientStreaming && !method.IsServerStreaming);
    }

    private static IEnumerable<MessageDescriptor> Messages() =>
        InferenceReflection.Descriptor.MessageTypes.SelectMany(message => message.NestedTypes.Prepend(message));

    private static string Text(FieldDescriptor field) =>
        $"{field.Name}={field.FieldNumber}:{field.FieldType.ToString().ToLowerInvariant()}{(field.IsRepeated ? "*" : "")}";
}
