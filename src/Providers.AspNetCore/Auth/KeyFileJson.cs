using System.Text.Json.Serialization;

namespace Providers.AspNetCore.Auth;

/// <summary>The key file's form.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ApiKey[]))]
internal sealed partial class KeyFileJson : JsonSerializerContext;
