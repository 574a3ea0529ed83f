{#
    expression: a condition holds in every row; null counts as broken. Returns the rows where it does not hold.

    expression   SQL condition; under a column it begins with an operator
    column_name  the column it is written under, if any

    tests:
      - expression: { expression: low <= high }
#}
{% test expression(model, expression, column_name=none) %}
select *
from {{ model }}
where ({{ column_name ~ ' ' if column_name else '' }}{{ expression }}) is not true
{% endtest %}
