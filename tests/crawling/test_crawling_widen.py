import pytest

from crawling.widen import widest


@pytest.mark.parametrize(
    ("types", "wide"),
    [
        ([], ""),
        (["", "int"], "int"),
        (["int", ""], "int"),
        (["tinyint", "smallint", "int", "bigint"], "bigint"),
        (["float", "int"], "double"),
        (["float", "double"], "double"),
        (["date", "timestamp"], "timestamp"),
        (["date", "bigint"], "string"),
        (["boolean", "bigint"], "string"),
        (["decimal(10,2)", "decimal(8,4)"], "decimal(12,4)"),
        (["decimal(38,0)", "decimal(10,10)"], "string"),
        (["decimal(10,2)", "bigint"], "decimal(21,2)"),
        (["decimal(38,0)", "bigint"], "decimal(38,0)"),
        (["decimal(10,2)", "double"], "double"),
        (["array<int>", "array<bigint>"], "array<bigint>"),
        (["array<>", "array<string>"], "array<string>"),
        (["array<int>", "int"], "string"),
        (["map<string,int>", "map<string,double>"], "map<string,double>"),
        (["struct<a:int>", "struct<b:string>"], "struct<a:int,b:string>"),
        (["struct<a:struct<x:int>>", "struct<a:struct<x:double,y:date>>"], "struct<a:struct<x:double,y:date>>"),
        (["struct<a:decimal(5,2),b:array<int>>", "struct<a:int>"], "struct<a:decimal(12,2),b:array<int>>"),
        (["binary", "string"], "string"),
    ],
)
def test_the_widest_type_holds_the_values_of_all(types: list[str], wide: str) -> None:
    assert widest(types) == wide
    assert widest(reversed(types)).count("<") == wide.count("<")


def test_the_order_of_plain_types_does_not_matter() -> None:
    names = ["int", "double", "date", "decimal(5,1)", "string", "", "bigint", "timestamp", "boolean"]
    for one in names:
        for other in names:
            assert widest([one, other]) == widest([other, one])
