using Mlops.Onnx;
using Mlops.Onnx.Format;

namespace Mlops.Training.Trees;

/// <summary>
/// An ensemble as the attributes of ai.onnx.ml's TreeEnsembleRegressor (version 1): a list entry for each node. In a tree,
/// a split's number is its node's, and leaves come after the splits.
/// </summary>
internal sealed class EnsembleNodes
{
    private readonly List<long> _trees = [], _nodes = [], _features = [], _left = [], _right = [], _missingLeft = [];
    private readonly List<float> _thresholds = [];
    private readonly List<string> _modes = [];
    private readonly List<long> _leafTrees = [], _leafNodes = [], _leafOutputs = [];
    private readonly List<float> _leafValues = [];

    public EnsembleNodes(IReadOnlyList<Tree> trees)
    {
        foreach (var (number, tree) in trees.Index())
        {
            var splits = tree.Features.Count;
            for (var split = 0; split < splits; split++)
                Add(number, split, "BRANCH_LEQ", tree.Features[split], tree.Thresholds[split], NodeOf(tree.Left[split], splits), NodeOf(tree.Right[split], splits), tree.MissingLeft[split]);
            for (var leaf = 0; leaf < tree.Leaves.Count; leaf++)
            {
                Add(number, splits + leaf, "LEAF", 0, 0, 0, 0, missingLeft: false);
                _leafTrees.Add(number);
                _leafNodes.Add(splits + leaf);
                _leafOutputs.Add(tree.Output);
                _leafValues.Add((float)tree.Leaves[leaf]);
            }
        }
    }

    public IEnumerable<AttributeProto> Attributes() =>
    [
        GraphBuilder.Attribute("nodes_treeids", _trees),
        GraphBuilder.Attribute("nodes_nodeids", _nodes),
        GraphBuilder.Attribute("nodes_modes", _modes),
        GraphBuilder.Attribute("nodes_featureids", _features),
        GraphBuilder.Attribute("nodes_values", _thresholds),
        GraphBuilder.Attribute("nodes_truenodeids", _left),
        GraphBuilder.Attribute("nodes_falsenodeids", _right),
        GraphBuilder.Attribute("nodes_missing_value_tracks_true", _missingLeft),
        GraphBuilder.Attribute("target_treeids", _leafTrees),
        GraphBuilder.Attribute("target_nodeids", _leafNodes),
        GraphBuilder.Attribute("target_ids", _leafOutputs),
        GraphBuilder.Attribute("target_weights", _leafValues),
    ];

    private static int NodeOf(int child, int splits) => child >= 0 ? child : splits + ~child;

    private void Add(int tree, int node, string mode, int feature, float threshold, int left, int right, bool missingLeft)
    {
        _trees.Add(tree);
        _nodes.Add(node);
        _modes.Add(mode);
        _features.Add(feature);
        _thresholds.Add(threshold);
        _left.Add(left);
        _right.Add(right);
        _missingLeft.Add(missingLeft ? 1 : 0);
    }
}
