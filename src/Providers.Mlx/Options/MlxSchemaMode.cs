namespace Providers.Mlx;

/// <summary>What happens to a request for JSON of a schema, which an MLX server cannot enforce.</summary>
public enum MlxSchemaMode
{
    /// <summary>The schema is put in the prompt and the answer is checked against it; an answer that does not match fails as <see cref="FailureKind.InvalidResponse"/>.</summary>
    Prompted = 0,

    /// <summary>The request is refused before it is sent, so that a server that enforces schemas may serve it.</summary>
    Refused,
}
