using Mlops.ServiceTests;
using Mlops.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(Broker))]

namespace Mlops.ServiceTests;

/// <summary>The RabbitMQ of this test run.</summary>
public sealed class Broker : IAsyncLifetime
{
    public RabbitServer Rabbit { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Rabbit = await RabbitServer.StartAsync();

    public ValueTask DisposeAsync() => Rabbit.DisposeAsync();
}
