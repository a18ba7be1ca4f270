import{y as t}from"./index-FaLg0QW5.js";function i(i){return i.startsWith("/")?("web"===t.name?location.origin:"")+i:i}export{i as p};
