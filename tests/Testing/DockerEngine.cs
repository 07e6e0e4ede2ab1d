using Docker.DotNet;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Configurations;

namespace Mlops.Testing;

/// <summary>The Docker engine, where there is one.</summary>
internal static class DockerEngine
{
    /// <summary>Whether an engine answers, and has the image or can pull it.</summary>
    public static async Task<bool> HasAsync(string image)
    {
        if (TestcontainersSettings.OS.DockerEndpointAuthConfig is not { } endpoint)
            return false;
        using var client = endpoint.GetDockerClientBuilder(Guid.Empty).Build();
        try
        {
            await client.System.PingAsync();
        }
        catch (Exception exception) when (exception is HttpRequestException or DockerApiException or TimeoutException)
        {
            return false;
        }
        return await HasImageAsync(client, image) || await PullAsync(client, image);
    }

    /// <summary>What the container's ports are published on: this machine alone.</summary>
    public static void PublishOnLoopback(CreateContainerParameters container)
    {
        foreach (var binding in container.HostConfig!.PortBindings!.Values.SelectMany(bindings => bindings))
            binding.HostIP = "127.0.0.1";
    }

    private static async Task<bool> HasImageAsync(DockerClient client, string image)
    {
        try
        {
            await client.Images.InspectImageAsync(image);
            return true;
        }
        catch (DockerImageNotFoundException)
        {
            return false;
        }
    }

    private static async Task<bool> PullAsync(DockerClient client, string image)
    {
        try
        {
            await client.Images.CreateImageAsync(new ImagesCreateParameters { FromImage = image }, authConfig: null, new Progress<JSONMessage>());
        }
        catch (DockerApiException)
        {
            return false;
        }
        // A pull that breaks off is told among its progress, not as an error.
        return await HasImageAsync(client, image);
    }
}
