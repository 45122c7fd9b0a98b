using System.Reflection;

namespace Providers.Memory.Tests;

/// <summary>A store in front of a real one, with a test's own deed before a call: what another host might do at that moment.</summary>
public class InterposedStore : DispatchProxy
{
    private IMemoryStore _inner = null!;
    private Action<string> _before = null!;

    /// <param name="inner">The store.</param>
    /// <param name="before">Done before each call, and given the method's name; what it throws, the call throws.</param>
    public static IMemoryStore Around(IMemoryStore inner, Action<string> before)
    {
        IMemoryStore store = Create<IMemoryStore, InterposedStore>();
        (((InterposedStore)(object)store)._inner, ((InterposedStore)(object)store)._before) = (inner, before);
        return store;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        _before(targetMethod!.Name);
        return targetMethod.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null);
    }
}
