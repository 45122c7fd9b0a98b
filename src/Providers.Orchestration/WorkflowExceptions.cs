namespace Providers.Orchestration;

/// <summary>A definition or an argument is wrong; nothing was changed. The message lists every error.</summary>
public sealed class WorkflowValidationException : ArgumentException
{
    /// <summary>Creates an exception.</summary>
    /// <param name="errors">Each begins with the field, says what was given and what is allowed.</param>
    public WorkflowValidationException(IReadOnlyList<string> errors)
        : base(string.Join(" ", errors))
    {
        Errors = errors;
    }

    /// <summary>Gets every error.</summary>
    public IReadOnlyList<string> Errors { get; }
}

/// <summary>What was asked for cannot be done as things stand; nothing was changed.</summary>
public sealed class WorkflowConflictException : InvalidOperationException
{
    /// <summary>Creates an exception.</summary>
    /// <param name="message">How things stand, and what would be possible.</param>
    public WorkflowConflictException(string message)
        : base(message)
    {
    }
}

/// <summary>A step failed.</summary>
public sealed class WorkflowStepException : Exception
{
    /// <summary>Creates an exception.</summary>
    /// <param name="message">What went wrong; it is kept with the workflow and shown to whoever asks for it.</param>
    /// <param name="retry">Whether trying again may help.</param>
    /// <param name="innerException">The cause; may be <see langword="null"/>.</param>
    public WorkflowStepException(string message, bool retry, Exception? innerException = null)
        : base(message, innerException)
    {
        Retry = retry;
    }

    /// <summary>Gets a value indicating whether trying again may help.</summary>
    public bool Retry { get; }
}
