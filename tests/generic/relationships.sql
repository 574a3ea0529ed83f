{#
    relationships: every value of the column is in another relation's column; null needs no partner. Returns the rows
    whose value is not there.

    to     the other relation: ref('exchange')
    field  its column

    columns:
      exchange:
        tests: [{ relationships: { to: ref('exchange'), field: exchange } }]
#}
{% test relationships(model, column_name, to, field) %}
select child.*
from {{ model }} as child
where
    child.{{ column_name }} is not null
    and not exists (
        select 1
        from {{ to }} as parent
        where parent.{{ field }} = child.{{ column_name }}
    )
{% endtest %}
