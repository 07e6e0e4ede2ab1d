using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Mlops.Artifacts;
using Mlops.Hosting;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Artifacts;

public sealed class ArtifactOptionsTests
{
    private const string Secret = "wJalrXUtnFEMI";

    [Fact]
    public async Task Folder_WithoutRoot_IsRefused() =>
        (await FailuresAsync([])).ShouldBe(["DataAnnotation validation failed for 'ArtifactOptions' members: 'Root' with the error: 'The Root field is required.'."]);

    [Theory]
    [InlineData("Folder", "Root", "artifacts")]
    [InlineData("S3", "S3:Bucket", "models")]
    public async Task Store_WithWhatItNeeds_IsAccepted(string store, string setting, string value) =>
        (await FailuresAsync([new("Store", store), new(setting, value)])).ShouldBeEmpty();

    [Theory]
    [InlineData("https://minio.example")]
    [InlineData("http://127.0.0.1:9000")]
    [InlineData("http://[::1]:9000/")]
    public async Task S3_Endpoint_IsAccepted(string endpoint) =>
        (await FailuresAsync([new("Store", "S3"), new("S3:Bucket", "models"), new("S3:Endpoint", endpoint), new("S3:Prefix", "team/a/")])).ShouldBeEmpty();

    [Fact]
    public async Task S3_EverythingWrong_IsToldAtOnceAndWithoutTheSecret()
    {
        var failures = await FailuresAsync(
        [
            new("Store", "S3"), new("S3:Endpoint", $"http://key:{Secret}@minio.example"), new("S3:Region", " "), new("S3:Bucket", "My_Bucket"), new("S3:Prefix", "/a"),
            new("S3:SecretKey", Secret), new("S3:Spool", ""), new("S3:MaxBytes", "0"), new("S3:PartBytes", "1000"), new("S3:Timeout", "00:00:00"),
        ]);

        failures.Select(failure => failure.Replace("DataAnnotation validation failed for 'ArtifactOptions' members: ", "", StringComparison.Ordinal)).ShouldBe(
        [
            "'S3:Endpoint' with the error: 'http:// or https:// with a host and perhaps a port is accepted, or nothing for AWS.'.",
            "'S3:Region' with the error: 'The Region field is required.'.",
            "'S3:Bucket' with the error: ''My_Bucket' names no bucket; 3 to 63 lower-case letters, digits, dots and hyphens are accepted.'.",
            "'S3:Prefix' with the error: ''/a' is no prefix; letters, digits, '.', '_' and '-' with single slashes between them are accepted, or nothing.'.",
            "'S3:AccessKey' with the error: 'AccessKey and SecretKey are accepted together, or neither.'.",
            "'S3:Spool' with the error: 'The Spool field is required.'.",
            "'S3:MaxBytes' with the error: 'The field MaxBytes must be between 1 and 5497558138880.'.",
            "'S3:PartBytes' with the error: 'The field PartBytes must be between 5242880 and 5368709120.'.",
            "'S3:Timeout' with the error: 'The field Timeout must be between 00:00:01 and 01:00:00.'.",
        ]);
        failures.ShouldAllBe(failure => !failure.Contains(Secret));
    }

    [Theory]
    [InlineData("Folder", typeof(FolderArtifactStore))]
    [InlineData("S3", typeof(S3ArtifactStore))]
    public async Task Host_StoreOfTheSettings_IsTheServicesStore(string store, Type expected)
    {
        var folder = Directory.CreateTempSubdirectory("mlops-store-").FullName;
        await using (var app = Build([new("Store", store), new("Root", folder), new("S3:Bucket", "models"), new("S3:Spool", folder)]))
            app.Services.GetRequiredService<IArtifactStore>().ShouldBeOfType(expected);
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<IEnumerable<string>> FailuresAsync(KeyValuePair<string, string?>[] settings)
    {
        await using var app = Build(settings);
        return Record.Exception(() => app.Services.GetRequiredService<IOptions<ArtifactOptions>>().Value) is OptionsValidationException exception ? exception.Failures : [];
    }

    private static WebApplication Build(KeyValuePair<string, string?>[] settings)
    {
        var builder = MlopsHost.CreateBuilder([], "test", new ListenOptions());
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>($"Artifacts:{setting.Key}", setting.Value)));
        return builder.BuildMlops();
    }
}
