{#
    accepted_range: every value lies between two bounds; null is not looked at. Returns the rows outside.

    min, max   smallest and largest value, or SQL expressions; leave one out for no bound on that side
    inclusive  false if the bounds themselves are outside

    columns:
      volume:
        tests: [{ accepted_range: { min: 0 } }]
#}
{% test accepted_range(model, column_name, min=none, max=none, inclusive=true) %}
select *
from {{ model }}
where
    false
    {%- if min != none %}
    or {{ column_name }} {{ '<' if inclusive else '<=' }} {{ min }}
    {%- endif %}
    {%- if max != none %}
    or {{ column_name }} {{ '>' if inclusive else '>=' }} {{ max }}
    {%- endif %}
{% endtest %}
