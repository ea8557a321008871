"""Descriptions, joint types and modes."""

import pytest

from engine import mixin, nn
from engine.mixin import Batching, JointMode, JointTypes, Mode, OneOfTypes, Training


class A:
    pass


class B:
    pass


class Both(A, B):
    pass


def test_a_description_makes_objects_later():
    described = nn.Expon.desc(10, tau=3.0)
    syn = described()
    assert isinstance(syn, nn.Expon)
    assert (syn.in_size, syn.tau) == ((10,), 3.0)
    assert described.init(tau=4.0).tau == 4.0
    assert isinstance(described, mixin.ParamDescriber)
    assert isinstance(described, mixin.ParamDescriber[nn.Expon])
    assert isinstance(described, mixin.ParamDescriber[nn.Synapse])
    assert not isinstance(described, mixin.ParamDescriber[nn.LIF])


def test_equal_descriptions_have_equal_identifiers():
    same = [nn.Expon.desc(10, name="a", tau=3.0), nn.Expon.desc(10, tau=3.0, name="a")]
    assert same[0].identifier == same[1].identifier
    others = [
        nn.Expon.desc(11, tau=3.0, name="a"),
        nn.Expon.desc(10, tau=3.1, name="a"),
        nn.Alpha.desc(10, tau=3.0, name="a"),
        nn.Expon.desc(10, name="a", tau=[3.0]),  # not hashable itself
    ]
    assert len({d.identifier for d in (*same, *others)}) == 5
    same[0].identifier = "mine"
    assert same[0].identifier == "mine"


def test_joint_types_are_all_and_one_of_types_are_any():
    joint, either = JointTypes[A, B], OneOfTypes[A, B]
    assert [isinstance(x, joint) for x in (Both(), A(), 3)] == [True, False, False]
    assert [isinstance(x, either) for x in (Both(), A(), 3)] == [True, True, False]
    assert issubclass(Both, joint)
    assert not issubclass(A, joint)
    assert issubclass(B, either)
    assert issubclass(joint, JointTypes[A])
    assert JointTypes(A, B).__name__ == "JointTypes[A, B]"
    assert (joint.__args__, either.__args__) == ((A, B), (A, B))
    for bad in ((), (A, 3)):
        with pytest.raises(TypeError, match="one or more types"):
            JointTypes(*bad)


def test_modes():
    training, batching = Training(), Batching(8)
    assert training.is_a(Training)
    assert not training.is_a(Mode)
    assert training.has(Mode)
    assert not training.has(Batching)
    assert batching == Batching(8)
    assert batching != Batching(9)
    assert len({training, Training(), batching}) == 2
    joint = JointMode(training, batching)
    assert joint.has(Training)
    assert joint.has(Batching)
    assert joint.is_a(JointTypes[Training, Batching])
    assert joint.is_a(JointTypes[Batching, Training])
    assert not joint.is_a(Training)
    assert joint.batch_size == 8
    assert repr(joint) == "JointMode(Training, Batching(batch_size=8, batch_axis=0))"
    with pytest.raises(AttributeError, match="'absent'"):
        joint.absent  # noqa: B018
    with pytest.raises(TypeError, match="needs modes"):
        JointMode(training, 3)


def test_missing_methods_say_what_to_define():
    with pytest.raises(TypeError, match="no align_post_input_add"):
        mixin.AlignPost().align_post_input_add(1)
    with pytest.raises(TypeError, match="no update_return_info"):
        mixin.UpdateReturn().update_return_info()
    held = mixin.BindCondData()
    held.bind_cond(3)
    assert held._conductance == 3
    held.unbind_cond()
    assert held._conductance is None
