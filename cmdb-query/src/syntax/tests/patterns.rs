//! Patterns of all forms.

use super::{check_mistake, check_pattern};

#[test]
fn nodes_and_relationships_are_read_in_all_forms() {
    check_pattern("()", "()");
    check_pattern("(n:A:B {p: 1} WHERE n.q > 2)", "(n:(A&B) {p: 1} where (n.q Greater 2))");
    check_pattern("(a)-->()<--(b)--(c)<-->(d)", "(a)-[]->()<-[]-(b)-[]-(c)-[]-(d)");
    check_pattern("(a)-[r:T*1..2 {p: 1}]-(b)", "(a)-[r:T*{1,2} {p: 1}]-(b)");
    check_pattern(
        "(a)-[*..3]-()-[*2]->()-[*1..]->()<-[*]-()",
        "(a)-[*{,3}]-()-[*{2,2}]->()-[*{1,}]->()<-[*{,}]-()",
    );
    check_pattern("(a)-[:A|:B|C]->(b)", "(a)-[:(A|B|C)]->(b)");
    check_pattern("(a)-[r WHERE r.p = 1]->(b)", "(a)-[r where (r.p Equal 1)]->(b)");
    check_pattern("(a IS A)-[IS T]->(b)", "(a:A)-[:T]->(b)");
    check_pattern("(a:A&!(B|C)&%)", "(a:(A&!(B|C)&%))");
    check_pattern("(order:Order)-[in:IN]->(end:End)", "(order:Order)-[in:IN]->(end:End)");
    check_pattern("(where)-->(`a b`:`C``D`)", "(where)-[]->(a b:C`D)");
    check_pattern("(a)⟨—[:T]—(b)", "(a)<-[:T]-(b)");
}

#[test]
fn paths_have_names_selectors_and_repeated_parts() {
    check_pattern("p = (a)-->(b), (c)", "p = (a)-[]->(b), (c)");
    check_pattern("(a)-[:R]->{1,5}(b)", "(a)-[:R]->{1,5}(b)");
    check_pattern("(a)-[:R]->+(b)-->*(c)", "(a)-[:R]->{1,}(b)-[]->{0,}(c)");
    check_pattern("(a)--{,3}(b)--{2}(c)--{2,}(d)", "(a)-[]-{0,3}(b)-[]-{2,2}(c)-[]-{2,}(d)");
    check_pattern("((a)-[:R]->(b) WHERE a.p < b.p){1,5}", "<(a)-[:R]->(b) where (a.p Less b.p)>{1,5}");
    check_pattern("(s)((a)-->(b))+(t)", "(s)<(a)-[]->(b)>{1,}(t)");
    check_pattern("p = ANY SHORTEST (a)-->+(b)", "p = Shortest(1) (a)-[]->{1,}(b)");
    check_pattern("ALL SHORTEST (a)-->+(b)", "AllShortest (a)-[]->{1,}(b)");
    check_pattern("SHORTEST 3 PATHS (a)-->+(b)", "Shortest(3) (a)-[]->{1,}(b)");
    check_pattern("SHORTEST 2 GROUPS (a)-->+(b)", "ShortestGroups(2) (a)-[]->{1,}(b)");
    check_pattern("ANY 4 (a)-->+(b)", "Any(4) (a)-[]->{1,}(b)");
    check_pattern("p = shortestPath((a)-[*]->(b))", "p = ShortestPath (a)-[*{,}]->(b)");
    check_pattern("allShortestPaths((a)-[:T*..4]-(b))", "AllShortestPaths (a)-[:T*{,4}]-(b)");
}

#[test]
fn mistakes_in_patterns_are_told() {
    check_mistake("MATCH (a)-[:T..3]->(b) RETURN a", "InvalidRelationshipPattern", "..", "`*`");
    check_mistake("MATCH (a)-[:T*-2]->(b) RETURN a", "InvalidRelationshipPattern", "-", "without a sign");
    check_mistake("MATCH (a)-->{5,1}(b) RETURN a", "InvalidRelationshipPattern", "{5,1}", "upper bound");
    check_mistake("MATCH (a $p) RETURN a", "InvalidParameterUse", "$p", "{key: $parameter.key}");
    check_mistake("MATCH (a) (b) RETURN a", "UnexpectedSyntax", "(", "a relationship between two nodes");
    check_mistake("MATCH (a)-[:T]-> RETURN a", "UnexpectedSyntax", "RETURN", "a node such as (n)");
    check_mistake("MATCH (a)-[:T]>(b) RETURN a", "UnexpectedSyntax", ">", "expected `-`");
    check_mistake("MATCH WALK (a)-->(b) RETURN a", "UnexpectedSyntax", "WALK", "path mode");
    check_mistake("MATCH shortestPath((a)) RETURN a", "UnexpectedSyntax", "(a)", "one relationship");
}
