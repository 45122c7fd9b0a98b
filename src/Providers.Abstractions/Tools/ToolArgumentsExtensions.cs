using Microsoft.Extensions.AI;

namespace Providers.Tools;

/// <summary>What travels beside a call's arguments: who calls, and who wants to know how far it is.</summary>
public static class ToolArgumentsExtensions
{
    private static readonly object s_caller = new();
    private static readonly object s_progress = new();

    /// <summary>Says who calls.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="caller">The caller.</param>
    /// <returns>The same arguments.</returns>
    public static AIFunctionArguments SetCaller(this AIFunctionArguments arguments, ToolCaller caller)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        ArgumentNullException.ThrowIfNull(caller);
        (arguments.Context ??= new Dictionary<object, object?>())[s_caller] = caller;
        return arguments;
    }

    /// <summary>Finds who calls: in the context of the arguments, else among their services.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <returns>The caller.</returns>
    /// <exception cref="ToolException">Nobody said who calls (<see cref="ToolErrorCode.PermissionDenied"/>).</exception>
    public static ToolCaller GetCaller(this AIFunctionArguments arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return arguments.Context?.TryGetValue(s_caller, out object? value) is true && value is ToolCaller caller ? caller
            : arguments.Services?.GetService(typeof(ToolCaller)) as ToolCaller
            ?? throw new ToolException(ToolErrorCode.PermissionDenied, "The host did not say who calls, so nothing was done; it must set a ToolCaller.");
    }

    /// <summary>Says who wants to know how far the call is.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="progress">Who wants to know; <see langword="null"/>: nobody.</param>
    /// <returns>The same arguments.</returns>
    public static AIFunctionArguments SetProgress(this AIFunctionArguments arguments, IProgress<ToolProgress>? progress)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        (arguments.Context ??= new Dictionary<object, object?>())[s_progress] = progress;
        return arguments;
    }

    /// <summary>Finds who wants to know how far the call is.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <returns>Who wants to know; <see langword="null"/>: nobody.</returns>
    public static IProgress<ToolProgress>? GetProgress(this AIFunctionArguments arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return arguments.Context?.TryGetValue(s_progress, out object? value) is true ? value as IProgress<ToolProgress> : null;
    }
}
