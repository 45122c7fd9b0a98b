namespace Providers;

/// <summary>Which of several failures a caller sees first; all are in the exception's list.</summary>
public enum ReportedFailure
{
    /// <summary>The last attempt's.</summary>
    Last = 0,

    /// <summary>The first attempt's.</summary>
    First,
}
