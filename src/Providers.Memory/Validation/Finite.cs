namespace Providers.Memory;

/// <summary>Finds what is no number.</summary>
internal static class Finite
{
    public static int IndexOfNotFinite(this ReadOnlySpan<float> numbers)
    {
        for (int i = 0; i < numbers.Length; i++)
        {
            if (!float.IsFinite(numbers[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
