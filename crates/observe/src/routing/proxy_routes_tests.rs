//! Configuration of each proxy, as people write it.

use super::proxy_routes::routes;

fn shown(text: &str) -> Vec<String> {
    routes(text)
        .iter()
        .map(|r| format!("{} -> {}:{}", r.path, r.host, r.port.map_or("-".into(), |p| p.to_string())))
        .collect()
}

#[test]
fn spring_cloud_gateway() {
    let text = "spring:\n  cloud:\n    gateway:\n      routes:\n        - id: stock\n          uri: lb://${STOCK_HOST:acme-stock}\n          predicates:\n            - Path=/api/stock/**\n        # - id: old\n        - id: mail\n          uri: http://mail:8080\n          predicates:\n            - Path=/api/mail/**,/m/**\n";
    assert_eq!(shown(text), ["/api/stock/** -> acme-stock:-", "/api/mail/** -> mail:8080"]);
}

#[test]
fn nginx() {
    let text = "upstream stock {\n  server stock-svc:9000 max_fails=3;\n}\nserver {\n  location /stock/ {\n    proxy_pass http://stock/;\n  }\n  location ~ ^/mail { proxy_pass http://mail.shop.svc.cluster.local:25; }\n}\n";
    assert_eq!(shown(text), ["/stock/ -> stock-svc:9000", "/mail -> mail.shop.svc.cluster.local:25"]);
}

#[test]
fn envoy() {
    let text = "route_config:\n  virtual_hosts:\n  - name: all\n    routes:\n    - match: { prefix: \"/stock\" }\n      route: { cluster: stock }\nclusters:\n- name: stock\n  load_assignment:\n    endpoints:\n    - lb_endpoints:\n      - endpoint:\n          address:\n            socket_address: { address: stock-svc, port_value: 9000 }\n";
    assert_eq!(shown(text), ["/stock -> stock-svc:9000"]);
}

#[test]
fn haproxy() {
    let text = "frontend web\n  acl is_stock path_beg /stock\n  use_backend stock if is_stock\n  default_backend site\nbackend stock\n  server s1 stock-svc:9000 check\nbackend site\n  server s1 site:80\n";
    assert_eq!(shown(text), ["/stock -> stock-svc:9000", "/ -> site:80"]);
}

#[test]
fn traefik() {
    let text = "http:\n  routers:\n    stock:\n      rule: \"PathPrefix(`/stock`)\"\n      service: stock\n  services:\n    stock:\n      loadBalancer:\n        servers:\n          - url: \"http://stock-svc:9000\"\n";
    assert_eq!(shown(text), ["/stock -> stock-svc:9000"]);
}

#[test]
fn kong_and_caddy() {
    let kong = "_format_version: \"3.0\"\nservices:\n- name: stock\n  url: http://stock-svc:9000\n  routes:\n  - name: stock-route\n    paths:\n    - /stock\n";
    assert_eq!(shown(kong), ["/stock -> stock-svc:9000"]);
    let caddy =
        ":80 {\n  handle /stock/* {\n    reverse_proxy stock-svc:9000\n  }\n  reverse_proxy /mail/* mail:25\n}\n";
    assert_eq!(shown(caddy), ["/stock/* -> stock-svc:9000", "/mail/* -> mail:25"]);
}

#[test]
fn a_text_that_is_cut_off_gives_what_it_holds() {
    assert_eq!(shown("server {\n  location /a { proxy_pass http://a:1; }\n  location /b { proxy_pa"), ["/a -> a:1"]);
    assert!(routes("").is_empty());
}
