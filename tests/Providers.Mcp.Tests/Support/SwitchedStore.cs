using System.Reflection;
using Providers.Memory;

namespace Providers.Mcp.Tests.Support;

/// <summary>A store in front of a real one that fails, or waits for ever, when told to.</summary>
public class SwitchedStore : DispatchProxy
{
    private static readonly MethodInfo s_hold = typeof(SwitchedStore).GetMethod(nameof(HoldAsync), BindingFlags.NonPublic | BindingFlags.Instance)!;
    private IMemoryStore _inner = null!;

    /// <summary>What a failing store says; it must never reach a caller.</summary>
    public const string Secret = "disk /var/lib/secret-path is gone";

    public bool Down { get; set; }

    public bool Held { get; set; }

    public TaskCompletionSource Entered { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Left { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static IMemoryStore Around(IMemoryStore inner, out SwitchedStore control)
    {
        IMemoryStore store = Create<IMemoryStore, SwitchedStore>();
        control = (SwitchedStore)(object)store;
        control._inner = inner;
        return store;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (Down)
        {
            throw new IOException(Secret);
        }

        if (Held && targetMethod!.ReturnType.IsGenericType && targetMethod.ReturnType.GetGenericTypeDefinition() == typeof(ValueTask<>))
        {
            return s_hold.MakeGenericMethod(targetMethod.ReturnType.GetGenericArguments()).Invoke(this, [args!.OfType<CancellationToken>().First()]);
        }

        try
        {
            return targetMethod!.Invoke(_inner, args);
        }
        catch (TargetInvocationException e)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerException!);
            throw;
        }
    }

    private async ValueTask<T> HoldAsync<T>(CancellationToken cancellationToken)
    {
        Entered.TrySetResult();
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return default!;
        }
        finally
        {
            Left.TrySetResult();
        }
    }
}
