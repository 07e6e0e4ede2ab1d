using Mlops.Contracts;
using Mlops.Scoring;

namespace Mlops.Inference;

/// <summary>A request that fits its model.</summary>
/// <param name="Inputs">In the model's order.</param>
/// <param name="Outputs">Places of the outputs wanted, in the caller's order.</param>
/// <param name="Rows">How many rows it has, which all its inputs have; −1 where they have different numbers, or none.</param>
/// <param name="IsEmpty">A batch without rows, whose answer needs no run.</param>
public readonly record struct CheckedRequest(InputTensor[] Inputs, int[] Outputs, int Rows, bool IsEmpty);

/// <summary>
/// Whether a request fits the model that is to answer it. Pure; what is wrong is told at once, up to twenty things, and nothing is
/// allocated by the caller's word.
/// </summary>
public static class RequestCheck
{
    private const int MostProblems = 20;

    /// <summary>The request in the model's terms.</summary>
    /// <exception cref="Fault">It does not fit.</exception>
    public static CheckedRequest Check(InferenceRequest request, OnnxModel model, InferenceOptions options)
    {
        List<Problem>? problems = null;
        var inputs = ArrangeInputs(request, model, ref problems);
        for (var index = 0; index < inputs.Length; index++)
        {
            if (inputs[index].Name is not null)
                CheckTensor(inputs[index], model.Inputs[index], options, ref problems);
        }

        var outputs = ArrangeOutputs(request, model, ref problems);
        if (problems is null)
            CheckSharedDimensions(inputs, model, ref problems);
        if (problems is not null)
            throw new Fault(FaultKind.Invalid, problems);
        return new CheckedRequest(inputs, outputs, Rows(inputs, model), EmptyBatch.Is(inputs, outputs, model));
    }

    private static int Rows(InputTensor[] inputs, OnnxModel model)
    {
        var rows = -1L;
        for (var index = 0; index < inputs.Length; index++)
        {
            if (!model.Inputs[index].HasBatch || (index > 0 && rows != inputs[index].Shape[0]))
                return -1;
            rows = inputs[index].Shape[0];
        }

        return (int)rows;
    }

    private static InputTensor[] ArrangeInputs(InferenceRequest request, OnnxModel model, ref List<Problem>? problems)
    {
        var arranged = new InputTensor[model.Inputs.Length];
        foreach (var input in request.Inputs)
        {
            var index = model.FindInput(input.Name);
            if (index < 0)
                Add(ref problems, Input(input.Name), $"model '{request.Model}' has no such input; expected {Names(model.Inputs)}");
            else if (arranged[index].Name is not null)
                Add(ref problems, Input(input.Name), "expected once, got it again");
            else
                arranged[index] = input;
        }

        for (var index = 0; index < arranged.Length; index++)
        {
            if (arranged[index].Name is null)
                Add(ref problems, Input(model.Inputs[index].Name), $"expected {Described(model.Inputs[index])}, got no such input");
        }

        return arranged;
    }

    private static void CheckTensor(in InputTensor input, TensorFact expected, InferenceOptions options, ref List<Problem>? problems)
    {
        if (input.Datatype != expected.Datatype.Name)
        {
            Add(ref problems, Input(input.Name), $"expected datatype {expected.Datatype.Name}, got '{input.Datatype}'");
            return;
        }

        // No dimensions in a model's metadata mean a scalar or a rank that is not known, and ONNX Runtime does not tell which:
        // any shape is let through to the operators.
        if (expected.Shape.Length > 0 && !TensorShape.Fits(input.Shape, expected.Shape.AsSpan()))
            Add(ref problems, Input(input.Name), $"expected shape {TensorShape.Text(expected.Shape.AsSpan())}, got {TensorShape.Text(input.Shape)}");
        else if (!TensorShape.TryCount(input.Shape, out var elements))
            Add(ref problems, Input(input.Name), $"expected a shape whose elements can be counted, got {TensorShape.Text(input.Shape)}");
        else if (expected.HasBatch && input.Shape[0] > options.MaxBatchSize)
            Add(ref problems, Input(input.Name), $"expected at most {options.MaxBatchSize} rows, got {input.Shape[0]}");
        else if (CheckContents(input, expected.Datatype, elements, options) is { } problem)
            Add(ref problems, Input(input.Name), problem);
    }

    private static string? CheckContents(in InputTensor input, TensorDatatype datatype, long elements, InferenceOptions options)
    {
        if (elements == 0 && !(TensorShape.TryExtent(input.Shape, Math.Max(datatype.ElementSize, 1), out var extent) && extent <= options.MaxMessageBytes))
            return $"expected the dimensions of an empty tensor to be small, got {TensorShape.Text(input.Shape)}";
        if (datatype.IsBytes)
            return BytesTensor.Check(input.Contents.Span, elements) is { } wrong ? $"BYTES of shape {TensorShape.Text(input.Shape)}: {wrong}" : null;
        if (Math.BigMul(elements, datatype.ElementSize, out long bytes) != 0 || bytes != input.Contents.Length)
            return $"expected {(UInt128)elements * (uint)datatype.ElementSize} bytes for {datatype.Name} of shape {TensorShape.Text(input.Shape)}, got {input.Contents.Length}";
        if (datatype.Name == "BOOL" && input.Contents.Span.IndexOfAnyExceptInRange((byte)0, (byte)1) is >= 0 and var at)
            return $"expected each BOOL to be 0 or 1, got {input.Contents.Span[at]} as element {at}";
        return null;
    }

    private static void CheckSharedDimensions(InputTensor[] inputs, OnnxModel model, ref List<Problem>? problems)
    {
        foreach (var shared in model.SharedDimensions)
        {
            var (first, second) = (inputs[shared.OtherInput], inputs[shared.Input]);
            var expected = first.Shape[shared.OtherAxis];
            if (second.Shape[shared.Axis] != expected)
                Add(ref problems, Input(second.Name), $"expected dimension {shared.Axis} ('{shared.Symbol}') to be {expected} as in '{first.Name}', got {second.Shape[shared.Axis]}");
        }
    }

    private static int[] ArrangeOutputs(InferenceRequest request, OnnxModel model, ref List<Problem>? problems)
    {
        if (request.Outputs.Length == 0)
            return model.AllOutputs;
        var places = new int[request.Outputs.Length];
        for (var index = 0; index < places.Length; index++)
        {
            var name = request.Outputs[index];
            places[index] = model.FindOutput(name);
            if (places[index] < 0)
                Add(ref problems, $"outputs.{name}", $"model '{request.Model}' has no such output; expected {Names(model.Outputs)}");
            else if (places.AsSpan(0, index).Contains(places[index]))
                Add(ref problems, $"outputs.{name}", "expected once, got it again");
        }

        return places;
    }

    private static void Add(ref List<Problem>? problems, string field, string message)
    {
        problems ??= [];
        // A request may name millions of inputs that there are not.
        if (problems.Count < MostProblems)
            problems.Add(new Problem(field, message));
    }

    private static string Input(string name) => $"inputs.{name}";

    private static string Described(TensorFact fact) => $"{fact.Datatype.Name} of shape {TensorShape.Text(fact.Shape.AsSpan())}";

    private static string Names(IEnumerable<TensorFact> facts) => string.Join(", ", facts.Select(fact => $"'{fact.Name}'"));
}
