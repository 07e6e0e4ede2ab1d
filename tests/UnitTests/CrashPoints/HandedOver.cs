using System.Reflection;
using MassTransit;
using Xunit;

namespace Mlops.UnitTests.CrashPoints;

/// <summary>A message as a consumer gets it, as far as ours look at it.</summary>
public class HandedOver : DispatchProxy
{
    private object? _message;
    private Guid _messageId;

    public static object Of(Type eventType, object message, Guid messageId)
    {
        var context = Create(typeof(ConsumeContext<>).MakeGenericType(eventType), typeof(HandedOver));
        ((HandedOver)context)._message = message;
        ((HandedOver)context)._messageId = messageId;
        return context;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
    {
        $"get_{nameof(ConsumeContext<>.Message)}" => _message,
        $"get_{nameof(ConsumeContext.MessageId)}" => (Guid?)_messageId,
        $"get_{nameof(ConsumeContext.CancellationToken)}" => TestContext.Current.CancellationToken,
        var other => throw new NotSupportedException($"the simulated message has no {other}"),
    };
}
