using MassTransit;
using Mlops.Contracts.Events;
using Mlops.Registry;

namespace Mlops.Hosting;

/// <summary>Lets an event through only if this build knows how its fields are to be read; others go to the error queue.</summary>
internal sealed class KnownContract<TEvent> : IFilter<ConsumeContext<TEvent>>
    where TEvent : class
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("known-contract");

    public Task Send(ConsumeContext<TEvent> context, IPipe<ConsumeContext<TEvent>> next)
    {
        var version = EventTypes.VersionOf(context.Message);
        return version is >= 1 and <= ContractVersions.Current
            ? next.Send(context)
            : throw new UnknownContractException(typeof(TEvent).Name, version);
    }
}

/// <summary>An event was published by a newer build, in a way that this one cannot read.</summary>
public sealed class UnknownContractException(string type, int version)
    : Exception($"{type} has contract version {version}; 1 to {ContractVersions.Current} are known here: deploy a newer build and send it again")
{
}
