"""How many entries the lookup tables behind an input have, so that token ids stay inside."""

from __future__ import annotations

import openvino as ov

_PASS_ON = frozenset({"Convert", "Reshape", "Squeeze", "Unsqueeze"})
_MAX_NODES = 64


def vocabulary_sizes(model: ov.Model) -> tuple[int, ...]:
    """Entries of the smallest table each input looks up in; 0 where the graph does not tell."""
    return tuple(_smallest_table(port) for port in model.inputs)


def _smallest_table(port: ov.Output) -> int:
    if not port.element_type.is_integral():
        return 0
    sizes: list[int] = []
    waiting = [port]
    for _ in range(_MAX_NODES):
        if not waiting:
            break
        for target in waiting.pop().get_target_inputs():
            node = target.get_node()
            if node.get_type_name() == "Gather" and target.get_index() == 1:
                sizes.append(_table_size(node))
            elif node.get_type_name() in _PASS_ON and target.get_index() == 0:
                waiting.extend(node.outputs())
    return min((size for size in sizes if size), default=0)


def _table_size(gather: ov.Node) -> int:
    """Length of the gathered axis; 0 unless it is fixed."""
    axis_node = gather.input_value(2).get_node()
    shape = gather.input_value(0).get_partial_shape()
    if axis_node.get_type_name() != "Constant" or shape.rank.is_dynamic:
        return 0
    size = shape[int(axis_node.get_data().item())]
    return int(size.get_length()) if size.is_static else 0
