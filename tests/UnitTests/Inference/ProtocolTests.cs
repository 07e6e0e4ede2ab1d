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
    [InlineData("ModelMetadataResponse.TensorMetadata", "name=1:string datatype=2:string shape=3:int64* parameters=4:message*")]
    [InlineData("ModelInferRequest", "model_name=1:string model_version=2:string id=3:string parameters=4:message* inputs=5:message* outputs=6:message* raw_input_contents=7:bytes*")]
    [InlineData("ModelInferRequest.InferInputTensor", "name=1:string datatype=2:string shape=3:int64* parameters=4:message* contents=5:message")]
    [InlineData("ModelInferRequest.InferRequestedOutputTensor", "name=1:string parameters=2:message*")]
    [InlineData("ModelInferResponse", "model_name=1:string model_version=2:string id=3:string parameters=4:message* outputs=5:message* raw_output_contents=6:bytes*")]
    [InlineData("ModelInferResponse.InferOutputTensor", "name=1:string datatype=2:string shape=3:int64* parameters=4:message* contents=5:message")]
    [InlineData("InferParameter", "bool_param=1:bool int64_param=2:int64 string_param=3:string double_param=4:double uint64_param=5:uint64")]
    [InlineData("InferTensorContents", "bool_contents=1:bool* int_contents=2:int32* int64_contents=3:int64* uint_contents=4:uint32* uint64_contents=5:uint64* fp32_contents=6:float* fp64_contents=7:double* bytes_contents=8:bytes*")]
    [InlineData("ModelStreamInferResponse", "error_message=1:string infer_response=2:message")]
    [InlineData("ModelConfigRequest", "name=1:string version=2:string")]
    [InlineData("ModelConfigResponse", "config=1:message")]
    [InlineData("ModelInstanceGroup", "name=1:string count=2:int32 kind=4:enum")]
    [InlineData("ModelConfig", "name=1:string platform=2:string max_batch_size=4:int32 input=5:message* output=6:message* instance_group=7:message* default_model_filename=8:string dynamic_batching=11:message backend=17:string")]
    [InlineData("ModelInput", "name=1:string data_type=2:enum dims=4:int64*")]
    [InlineData("ModelOutput", "name=1:string data_type=2:enum dims=3:int64*")]
    [InlineData("ModelDynamicBatching", "preferred_batch_size=1:int32* max_queue_delay_microseconds=2:uint64 preserve_ordering=3:bool")]
    [InlineData("ModelStatisticsRequest", "name=1:string version=2:string")]
    [InlineData("ModelStatisticsResponse", "model_stats=1:message*")]
    [InlineData("ModelStatistics", "name=1:string version=2:string last_inference=3:uint64 inference_count=4:uint64 execution_count=5:uint64 inference_stats=6:message batch_stats=7:message*")]
    [InlineData("InferStatistics", "success=1:message fail=2:message queue=3:message compute_input=4:message compute_infer=5:message compute_output=6:message cache_hit=7:message cache_miss=8:message")]
    [InlineData("InferBatchStatistics", "batch_size=1:uint64 compute_input=2:message compute_infer=3:message compute_output=4:message")]
    [InlineData("StatisticDuration", "count=1:uint64 ns=2:uint64")]
    [InlineData("RepositoryIndexRequest", "repository_name=1:string ready=2:bool")]
    [InlineData("RepositoryIndexResponse.ModelIndex", "name=1:string version=2:string state=3:string reason=4:string")]
    public void Message_Fields_AreTheProtocols(string message, string fields)
    {
        var found = Messages().Single(descriptor => descriptor.FullName == $"inference.{message}");
        string.Join(' ', found.Fields.InFieldNumberOrder().Select(Text)).ShouldBe(fields);
    }

    [Fact]
    public void DataType_Values_AreTheProtocols() =>
        string.Join(' ', InferenceReflection.Descriptor.EnumTypes.Single(type => type.Name == "DataType").Values.Select(value => $"{value.Name}={value.Number}"))
            .ShouldBe("TYPE_INVALID=0 TYPE_BOOL=1 TYPE_UINT8=2 TYPE_UINT16=3 TYPE_UINT32=4 TYPE_UINT64=5 TYPE_INT8=6 TYPE_INT16=7 TYPE_INT32=8 TYPE_INT64=9 TYPE_FP16=10 TYPE_FP32=11 TYPE_FP64=12 TYPE_STRING=13 TYPE_BF16=14");

    [Fact]
    public void Service_Methods_AreTheCoreOnesAndTheExtensionsClaimed()
    {
        GRPCInferenceService.Descriptor.FullName.ShouldBe("inference.GRPCInferenceService");
        GRPCInferenceService.Descriptor.Methods.Select(method => $"{method.Name}{(method.IsClientStreaming && method.IsServerStreaming ? " streams" : "")}").ShouldBe(
            ["ServerLive", "ServerReady", "ModelReady", "ServerMetadata", "ModelMetadata", "ModelInfer", "ModelStreamInfer streams", "ModelConfig", "ModelStatistics", "RepositoryIndex"]);
    }

    private static IEnumerable<MessageDescriptor> Messages() =>
        InferenceReflection.Descriptor.MessageTypes.SelectMany(message => message.NestedTypes.Prepend(message));

    private static string Text(FieldDescriptor field) =>
        $"{field.Name}={field.FieldNumber}:{field.FieldType.ToString().ToLowerInvariant()}{(field.IsRepeated ? "*" : "")}";
}
