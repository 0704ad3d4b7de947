{% if config_get("cloud-init.vendor-data", "") == "" %}#cloud-config
{}
{% else %}{{ config_get("cloud-init.vendor-data", "") }}
{% endif %}
